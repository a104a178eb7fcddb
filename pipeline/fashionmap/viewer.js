// A map of thumbnails on one canvas: it pans and zooms, switches between layouts, colours by groups and dims what is
// not asked for. Used by the page and by the self-contained file alike.
//
//   new FashionMap(root, data, {words, open, detail})
//
// data: see document.py. words: the sentences of wording.py. open(place): an item was chosen. detail(id): address of a
// larger picture of it, if there is one. openPiece(number): a piece was chosen. root needs the elements that markup.py makes.
"use strict";

class FashionMap {
  static SMALLEST = 0.6;   // zoom at which the whole map fills this share of the view
  static LARGEST = 320;    // pixels that a thumbnail grows to
  static MOVE_MS = 450;

  constructor(root, data, { words, open, detail = null, openPiece = null }) {
    Object.assign(this, { root, data, words, open, detail, openPiece });
    this.canvas = root.querySelector("canvas");
    this.ink = this.canvas.getContext("2d");
    this.told = root.querySelector(".fm-told");
    this.tip = root.querySelector(".fm-tip");
    this.count = data.ids.length;
    this.calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.layout = "free";
    this.grouping = "";
    this.lit = null;        // places that stand out, all of them if null
    this.chosenGroup = -1;
    this.pieces = [];
    this.current = -1;      // the item that the keyboard is at
    this.hovered = -1;
    this.large = new Map();
    this.pointers = new Map();
    this.spread();
    this.at = Float64Array.from(this.worlds.free);
    this.load();
    this.listen();
    this.resized = new ResizeObserver(() => this.resize());
    this.resized.observe(this.canvas);
    this.resize();
  }

  destroy() {
    this.resized.disconnect();
    this.gone = true;
  }

  // ---- Where things lie -------------------------------------------------------------------------------------------

  // Both layouts in one world: a grid cell is one unit, and the free layout has as much room as the grid.
  spread() {
    const { free, grid } = this.data;
    const columns = grid.map(cell => cell[0]), rows = grid.map(cell => cell[1]);
    const low = [Math.min(...columns), Math.min(...rows)];
    const size = [Math.max(...columns) - low[0] + 1, Math.max(...rows) - low[1] + 1];
    this.onGrid = ([x, y]) => [x - low[0] + 0.5, y - low[1] + 0.5];
    // It is stretched a little towards the view's own form.
    const { width, height } = this.canvas.getBoundingClientRect();
    const stretch = Math.min(Math.max(width / height || 1, 0.75), 1.5) ** 0.5, side = 1.2 * Math.max(...size);
    this.onFree = ([x, y]) => [x * side * stretch, y * side / stretch];
    this.worlds = { free: Float64Array.from(free.flatMap(this.onFree)), grid: Float64Array.from(grid.flatMap(this.onGrid)) };
    this.bounds = { free: this.boundsOf(this.worlds.free), grid: [0, 0, size[0], size[1]] };
    this.order = Uint32Array.from({ length: this.count }, (_, n) => n);
  }

  boundsOf(world) {
    let box = [Infinity, Infinity, -Infinity, -Infinity];
    for (let n = 0; n < world.length; n += 2)
      box = [Math.min(box[0], world[n]), Math.min(box[1], world[n + 1]), Math.max(box[2], world[n]), Math.max(box[3], world[n + 1])];
    return [box[0] - 1, box[1] - 1, box[2] + 1, box[3] + 1];
  }

  // Pixels that a thumbnail is wide. Freely laid out, crowds part as one comes closer: thumbnails grow less than the map.
  side() {
    if (this.layout === "grid") return Math.min(0.94 * this.scale, FashionMap.LARGEST);
    return Math.min(0.9 * this.scale * (this.fitted / this.scale) ** 0.3, FashionMap.LARGEST);
  }

  onScreen(n) {
    return [(this.at[2 * n] - this.x) * this.scale + this.width / 2, (this.at[2 * n + 1] - this.y) * this.scale + this.height / 2];
  }

  fit(moving = true) {
    const [left, top, right, bottom] = this.bounds[this.layout];
    this.fitted = 0.96 * Math.min(this.width / (right - left), this.height / (bottom - top));
    this.goTo((left + right) / 2, (top + bottom) / 2, this.fitted, moving);
  }

  // ---- Moving -----------------------------------------------------------------------------------------------------

  goTo(x, y, scale, moving = true) {
    const to = [x, y, Math.log(scale)], from = this.scale ? [this.x, this.y, Math.log(this.scale)] : to;
    this.move(moving, share => {
      [this.x, this.y, this.scale] = from.map((value, n) => value + (to[n] - value) * share);
      this.scale = Math.exp(this.scale);
    });
  }

  move(moving, step) {
    this.step = null;
    if (!moving || this.calm) { step(1); this.draw(); return; }
    const started = performance.now();
    this.step = now => {
      const share = Math.min(Math.max((now - started) / FashionMap.MOVE_MS, 0), 1);
      step(1 - (1 - share) ** 3);
      if (share === 1) this.step = null;
    };
    this.draw();
  }

  zoom(factor, px = this.width / 2, py = this.height / 2, moving = false) {
    const most = FashionMap.LARGEST * 1.4;
    const scale = Math.min(Math.max(this.scale * factor, FashionMap.SMALLEST * this.fitted), Math.max(most, this.fitted));
    const x = this.x + (px - this.width / 2) * (1 / this.scale - 1 / scale);
    const y = this.y + (py - this.height / 2) * (1 / this.scale - 1 / scale);
    this.goTo(x, y, scale, moving);
  }

  pan(dx, dy) {
    const [left, top, right, bottom] = this.bounds[this.layout];
    this.step = null;
    this.x = Math.min(Math.max(this.x - dx / this.scale, left), right);
    this.y = Math.min(Math.max(this.y - dy / this.scale, top), bottom);
    this.draw();
  }

  // ---- What is shown ----------------------------------------------------------------------------------------------

  setLayout(name) {
    if (name === this.layout) return;
    this.layout = name;
    const from = Float64Array.from(this.at), to = this.worlds[name];
    const view = [this.x, this.y, Math.log(this.scale)];
    const [left, top, right, bottom] = this.bounds[name];
    this.fitted = 0.96 * Math.min(this.width / (right - left), this.height / (bottom - top));
    const goal = [(left + right) / 2, (top + bottom) / 2, Math.log(this.fitted)];
    this.move(true, share => {
      for (let n = 0; n < to.length; n++) this.at[n] = from[n] + (to[n] - from[n]) * share;
      [this.x, this.y, this.scale] = view.map((value, n) => value + (goal[n] - value) * share);
      this.scale = Math.exp(this.scale);
    });
  }

  setGrouping(name) {
    this.grouping = name;
    this.chosenGroup = -1;
    this.legend();
    this.draw();
  }

  // places: the items that stand out; null for all.
  light(places) {
    this.lit = places && new Set(places);
    this.draw();
  }

  isLit(n) {
    return (!this.lit || this.lit.has(n))
      && (this.chosenGroup < 0 || this.data.groups[this.grouping].of[n] === this.chosenGroup);
  }

  // pieces: [{free, grid, number, colour, picture, label}], things that are no items of the map.
  setPieces(pieces) {
    this.pieces = pieces.map(piece => {
      const image = new Image();
      image.onload = () => this.draw();
      image.src = piece.picture;
      return { ...piece, image };
    });
    this.draw();
  }

  showPiece(number) {
    const piece = this.pieces.find(one => one.number === number);
    if (!piece) return;
    const [x, y] = this.pieceAt(piece);
    this.goTo(x, y, Math.max(this.scale, 48));
  }

  pieceAt(piece) {
    return this.layout === "grid" ? this.onGrid(piece.grid) : this.onFree(piece.free);
  }

  legend() {
    const list = this.root.querySelector(".fm-legend");
    list.replaceChildren();
    if (!this.grouping) return;
    const { names, counts, colours } = this.data.groups[this.grouping];
    names.forEach((name, n) => {
      const button = document.createElement("button");
      button.type = "button";
      button.setAttribute("aria-pressed", "false");
      const dot = document.createElement("i");
      dot.style.background = colours[n];
      const count = document.createElement("small");
      count.textContent = counts[n];
      button.append(dot, name || this.words.unnamed, count);
      button.addEventListener("click", () => {
        this.chosenGroup = this.chosenGroup === n ? -1 : n;
        list.querySelectorAll("button").forEach((other, m) => other.setAttribute("aria-pressed", String(m === this.chosenGroup)));
        this.draw();
      });
      list.append(button);
    });
  }

  // ---- Drawing ----------------------------------------------------------------------------------------------------

  load() {
    this.sheets = this.data.sprites.sheets.map(address => {
      const image = new Image();
      image.onload = () => this.draw();
      image.src = address;
      return image;
    });
  }

  resize() {
    const { width, height } = this.canvas.getBoundingClientRect();
    if (!width || !height) return;
    const first = !this.width;
    Object.assign(this, { width, height, density: Math.min(devicePixelRatio || 1, 2) });
    this.canvas.width = Math.round(width * this.density);
    this.canvas.height = Math.round(height * this.density);
    if (first) this.fit(false);
    this.draw();
  }

  draw() {
    if (this.waiting || this.gone) return;
    this.waiting = requestAnimationFrame(now => {
      this.waiting = 0;
      this.step?.(now);
      if (this.width) this.paint();
      if (this.step) this.draw();
    });
  }

  paint() {
    const { ink, density } = this;
    const style = getComputedStyle(this.root);
    this.theme = Object.fromEntries(["ink", "paper", "line", "accent"].map(name => [name, style.getPropertyValue(`--fm-${name}`).trim()]));
    ink.setTransform(density, 0, 0, density, 0, 0);
    ink.clearRect(0, 0, this.width, this.height);
    ink.imageSmoothingQuality = "medium";
    const side = this.side(), near = [];
    for (const n of this.order) {
      const [x, y] = this.onScreen(n);
      if (x < -side || y < -side || x > this.width + side || y > this.height + side) continue;
      near.push([n, x, y]);
    }
    // What stands out is drawn last, on top.
    const dimmed = near.filter(([n]) => !this.isLit(n)), shown = near.filter(([n]) => this.isLit(n));
    const detailed = this.detail && side * density > 1.3 * this.data.sprites.side && shown.length <= 80;
    ink.globalAlpha = 0.13;
    for (const [n, x, y] of dimmed) this.paintItem(n, x, y, side, false);
    ink.globalAlpha = 1;
    for (const [n, x, y] of shown) this.paintItem(n, x, y, side, detailed);
    if (this.hovered >= 0) this.ring(...this.onScreen(this.hovered), side, 2);
    if (this.current >= 0 && document.activeElement === this.canvas) this.ring(...this.onScreen(this.current), side, 4);
    this.paintNames();
    for (const piece of this.pieces) this.paintPiece(piece, side);
    this.painted = shown.length;
  }

  paintItem(n, x, y, side, detailed) {
    const { ink } = this, { side: size, across } = this.data.sprites;
    const group = this.grouping && this.data.groups[this.grouping];
    const left = x - side / 2, top = y - side / 2;
    if (group) {
      ink.fillStyle = group.colours[group.of[n]];
      // From far away the colour is all that can be seen.
      const rim = side < 14 ? side : Math.max(2, side * 0.06);
      ink.fillRect(left - rim / 2, top - rim / 2, side + rim, side + rim);
      if (side < 14) return;
    }
    const large = detailed && this.larger(n);
    if (large) { ink.drawImage(large, left, top, side, side); return; }
    const sheet = this.sheets[Math.floor(n / across ** 2)], place = n % across ** 2;
    if (sheet?.complete && sheet.naturalWidth)
      ink.drawImage(sheet, (place % across) * size, Math.floor(place / across) * size, size, size, left, top, side, side);
    else { ink.fillStyle = this.theme.line; ink.fillRect(left, top, side, side); }
  }

  // The larger picture of an item, once it is there.
  larger(n) {
    let image = this.large.get(n);
    if (!image) {
      image = new Image();
      image.onload = () => this.draw();
      image.src = this.detail(this.data.ids[n]);
      this.large.set(n, image);
      if (this.large.size > 300) this.large.delete(this.large.keys().next().value);
    }
    return image.complete && image.naturalWidth === image.naturalHeight && image.naturalWidth ? image : null;
  }

  ring(x, y, side, width) {
    const { ink } = this, half = side / 2 + width / 2 + 1;
    ink.lineWidth = width + 2;
    ink.strokeStyle = this.theme.paper;
    ink.strokeRect(x - half, y - half, 2 * half, 2 * half);
    ink.lineWidth = width;
    ink.strokeStyle = this.theme.accent;
    ink.strokeRect(x - half, y - half, 2 * half, 2 * half);
  }

  paintNames() {
    // Close by, the pictures speak for themselves.
    if (this.scale > 90) return;
    const { ink } = this, taken = [];
    ink.font = "600 13px system-ui, sans-serif";
    ink.textAlign = "center";
    ink.textBaseline = "middle";
    for (const cluster of this.data.clusters) {
      const [wx, wy] = this.layout === "grid" ? this.onGrid(cluster.grid) : this.onFree(cluster.free);
      const x = (wx - this.x) * this.scale + this.width / 2;
      // Freely laid out, the name stands above its crowd.
      const above = this.layout === "grid" ? 0 : this.side() / 2 + 6;
      const y = (wy - this.y) * this.scale + this.height / 2 - above;
      const half = ink.measureText(cluster.name).width / 2 + 9;
      const box = [x - half, y - 12, x + half, y + 12];
      if (taken.some(other => box[0] < other[2] && other[0] < box[2] && box[1] < other[3] && other[1] < box[3])) continue;
      taken.push(box);
      ink.globalAlpha = 0.9;
      ink.fillStyle = this.theme.paper;
      ink.beginPath();
      ink.roundRect(box[0], box[1], 2 * half, 24, 12);
      ink.fill();
      ink.globalAlpha = 1;
      ink.fillStyle = this.theme.ink;
      ink.fillText(cluster.name, x, y + 1);
    }
  }

  paintPiece(piece, side) {
    const { ink } = this, [wx, wy] = this.pieceAt(piece), size = Math.max(side, 44);
    const x = (wx - this.x) * this.scale + this.width / 2, y = (wy - this.y) * this.scale + this.height / 2;
    Object.assign(piece, { sx: x, sy: y, size });
    ink.fillStyle = "#fff";
    ink.strokeStyle = piece.colour;
    ink.lineWidth = 4;
    ink.beginPath();
    ink.arc(x, y, size / 2, 0, 7);
    ink.fill();
    if (piece.image.complete && piece.image.naturalWidth) {
      const inner = size * 0.68;
      ink.drawImage(piece.image, x - inner / 2, y - inner / 2, inner, inner);
    }
    ink.stroke();
    ink.fillStyle = piece.colour;
    ink.beginPath();
    ink.arc(x + size * 0.36, y - size * 0.36, 10, 0, 7);
    ink.fill();
    ink.fillStyle = "#fff";
    ink.font = "600 12px system-ui, sans-serif";
    ink.textAlign = "center";
    ink.textBaseline = "middle";
    ink.fillText(piece.number, x + size * 0.36, y - size * 0.36 + 1);
  }

  // ---- Pointer and keyboard ---------------------------------------------------------------------------------------

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
