// A map of thumbnails on one canvas: it pans and zooms, switches between layouts, colours by groups and dims what is
// not asked for. Used by the page and by the self-contained file alike, after plane.js and drawing.js.
//
//   new FashionMap(root, data, {words, open, detail, openPiece})
//
// root: what markup.py makes. data: see document.py. words: the sentences of wording.py. open(place): an item was chosen.
// detail(id): address of a larger picture of it, if there is one. openPiece(number): a piece was chosen.
"use strict";

class FashionMap extends MapDrawing {
  constructor(root, data, { words, open, detail = null, openPiece = null }) {
    super(root, data, { words, detail });
    Object.assign(this, { open, openPiece });
    this.told = root.querySelector(".fm-told");
    this.tip = root.querySelector(".fm-tip");
    this.pointers = new Map();
    this.listen();
    this.resized = new ResizeObserver(() => this.resize());
    this.resized.observe(this.canvas);
    this.resize();
  }

  destroy() {
    this.resized.disconnect();
    this.gone = true;
  }

  itemAt(px, py) {
    const side = this.side();
    let best = -1, least = Infinity;
    for (const n of this.order) {
      const [x, y] = this.onScreen(n), dx = Math.abs(px - x), dy = Math.abs(py - y);
      if (Math.max(dx, dy) > Math.max(side / 2, 5)) continue;
      // What is dimmed only answers where nothing else lies.
      const way = dx * dx + dy * dy + (this.isLit(n) ? 0 : 1e6);
      if (way < least) [best, least] = [n, way];
    }
    return best;
  }

  listen() {
    const { canvas } = this;
    const place = event => {
      const box = canvas.getBoundingClientRect();
      return [event.clientX - box.left, event.clientY - box.top];
    };
    canvas.addEventListener("wheel", event => {
      event.preventDefault();
      const lines = event.deltaMode === 1 ? 18 : 1;
      this.zoom(Math.exp(-event.deltaY * lines * (event.ctrlKey ? 0.012 : 0.0022)), ...place(event));
    }, { passive: false });
    canvas.addEventListener("pointerdown", event => {
      canvas.setPointerCapture(event.pointerId);
      this.pointers.set(event.pointerId, place(event));
      this.travelled = this.pointers.size > 1 ? Infinity : 0;
    });
    canvas.addEventListener("pointermove", event => {
      const [x, y] = place(event), before = this.pointers.get(event.pointerId);
      if (!before) { this.hover(x, y); return; }
      const others = [...this.pointers].filter(([id]) => id !== event.pointerId);
      if (others.length) {
        const [ox, oy] = others[0][1];
        this.zoom(Math.hypot(x - ox, y - oy) / Math.max(Math.hypot(before[0] - ox, before[1] - oy), 1), ox, oy);
      } else {
        this.travelled += Math.hypot(x - before[0], y - before[1]);
        if (this.travelled > 5) this.pan(x - before[0], y - before[1]);
      }
      this.pointers.set(event.pointerId, [x, y]);
      this.untip();
    });
    const up = event => {
      const was = this.pointers.delete(event.pointerId);
      if (was && event.type === "pointerup" && this.travelled <= 5) this.click(...place(event));
    };
    canvas.addEventListener("pointerup", up);
    canvas.addEventListener("pointercancel", up);
    canvas.addEventListener("pointerleave", () => this.untip());
    canvas.addEventListener("keydown", event => this.key(event));
    canvas.addEventListener("focus", () => this.draw());
    canvas.addEventListener("blur", () => this.draw());
    this.root.addEventListener("click", event => this.button(event.target.closest("[data-map]")?.dataset));
  }

  button(asked) {
    const pressed = (name, value) => {
      for (const other of this.root.querySelectorAll(`[data-map=${name}]`))
        other.setAttribute("aria-pressed", String(other.dataset.value === value));
    };
    if (!asked) return;
    if (asked.map === "layout") { pressed("layout", asked.value); this.setLayout(asked.value); }
    if (asked.map === "colour") { pressed("colour", asked.value); this.setGrouping(asked.value); }
    if (asked.map === "zoom") this.zoom(Number(asked.value), undefined, undefined, true);
    if (asked.map === "fit") this.fit();
  }

  pieceNear(x, y) {
    return this.pieces.findLast(piece => Math.hypot(x - piece.sx, y - piece.sy) <= piece.size / 2);
  }

  click(x, y) {
    const piece = this.pieceNear(x, y);
    if (piece) { this.openPiece(piece.number); return; }
    const n = this.itemAt(x, y);
    if (n < 0) return;
    this.current = n;
    this.open(n);
  }

  hover(x, y) {
    const piece = this.pieceNear(x, y), n = piece ? -1 : this.itemAt(x, y);
    const title = piece ? piece.label : n < 0 ? "" : this.data.titles[n];
    if (n !== this.hovered) { this.hovered = n; this.draw(); }
    this.canvas.style.cursor = title ? "pointer" : "grab";
    this.tip.hidden = !title;
    if (!title) return;
    this.tip.textContent = title;
    const left = Math.min(x + 14, this.width - this.tip.offsetWidth - 8);
    this.tip.style.translate = `${left}px ${Math.max(y - 34, 4)}px`;
  }

  untip() {
    this.tip.hidden = true;
    if (this.hovered < 0) return;
    this.hovered = -1;
    this.draw();
  }

  key(event) {
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (way && event.shiftKey) this.pan(-60 * way[0], -60 * way[1]);
    else if (way) this.walk(way);
    else if (event.key === "+" || event.key === "=") this.zoom(1.5, undefined, undefined, true);
    else if (event.key === "-") this.zoom(1 / 1.5, undefined, undefined, true);
    else if (event.key === "0" || event.key === "Home") this.fit();
    else if ((event.key === "Enter" || event.key === " ") && this.current >= 0) this.open(this.current);
    else return;
    event.preventDefault();
  }

  // To the nearest item that stands out in a direction, or, at first, to the one in the middle.
  walk([dx, dy]) {
    const starts = this.current < 0;
    const from = starts ? [this.x, this.y] : [this.at[2 * this.current], this.at[2 * this.current + 1]];
    let best = -1, least = Infinity;
    for (const n of this.order) {
      if (n === this.current || !this.isLit(n)) continue;
      const x = this.at[2 * n] - from[0], y = this.at[2 * n + 1] - from[1];
      const along = x * dx + y * dy, aside = Math.abs(x * dy) + Math.abs(y * dx);
      if (!starts && along <= 1e-9) continue;
      const cost = starts ? x * x + y * y : along + 2.5 * aside;
      if (cost < least) [best, least] = [n, cost];
    }
    if (best < 0) return;
    this.current = best;
    this.told.textContent = this.data.titles[best];
    const [x, y] = this.onScreen(best), edge = Math.min(80, this.width / 5);
    const outside = x < edge || y < edge || x > this.width - edge || y > this.height - edge;
    const scale = Math.max(this.scale, Math.min(36, 3 * this.fitted));
    if (outside || scale > this.scale) this.goTo(this.at[2 * best], this.at[2 * best + 1], scale);
    this.draw();
  }
}
