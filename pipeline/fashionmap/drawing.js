// What a map looks like: thumbnails from sheets, groups by colour, what stands out, names of crowds, pieces of a photo.
"use strict";

class MapDrawing extends MapPlane {
  constructor(root, data, { words, detail }) {
    super(root, data);
    Object.assign(this, { words, detail });
    this.ink = this.canvas.getContext("2d");
    this.grouping = "";
    this.lit = null;        // places that stand out, all of them if null
    this.chosenGroup = -1;
    this.pieces = [];
    this.current = -1;      // the item that the keyboard is at
    this.hovered = -1;
    this.large = new Map();
    this.load();
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

  load() {
    this.sheets = this.data.sprites.sheets.map(address => {
      const image = new Image();
      image.onload = () => { image.levels = MapDrawing.levelsOf(image); this.draw(); };
      image.src = address;
      return image;
    });
  }

  // A sheet at its size, at a half, at a quarter and so on: thousands of small thumbnails are then drawn nearly as they
  // are, which takes a fraction of the time of scaling each one down.
  static levelsOf(image) {
    const levels = [image];
    for (let n = 1; n <= 4; n++) {
      const last = levels.at(-1), half = document.createElement("canvas");
      half.width = Math.ceil((last.naturalWidth ?? last.width) / 2);
      half.height = Math.ceil((last.naturalHeight ?? last.height) / 2);
      const ink = half.getContext("2d");
      ink.imageSmoothingQuality = "high";
      ink.drawImage(last, 0, 0, half.width, half.height);
      levels.push(half);
    }
    return levels;
  }

  // The same sheet with what is nearly white made clear.
  static cleared(image) {
    const canvas = document.createElement("canvas");
    canvas.width = image.naturalWidth;
    canvas.height = image.naturalHeight;
    const ink = canvas.getContext("2d", { willReadFrequently: true });
    ink.drawImage(image, 0, 0);
    const pixels = ink.getImageData(0, 0, canvas.width, canvas.height), values = pixels.data;
    for (let n = 0; n < values.length; n += 4) {
      const least = Math.min(values[n], values[n + 1], values[n + 2]);
      if (least > 240) values[n + 3] = Math.max(0, (252 - least) * 255 / 12);
    }
    ink.putImageData(pixels, 0, 0);
    return canvas;
  }

  paint() {
    const { ink, density } = this;
    const style = getComputedStyle(this.root);
    this.theme = Object.fromEntries(["ink", "paper", "line", "accent"].map(name => [name, style.getPropertyValue(`--fm-${name}`).trim()]));
    ink.setTransform(density, 0, 0, density, 0, 0);
    ink.clearRect(0, 0, this.width, this.height);
    const side = this.side(), near = [];
    for (const n of this.order) {
      const [x, y] = this.onScreen(n);
      if (x < -side || y < -side || x > this.width + side || y > this.height + side) continue;
      near.push([n, x, y]);
    }
    // What stands out is drawn last, on top.
    const dimmed = near.filter(([n]) => !this.isLit(n)), shown = near.filter(([n]) => this.isLit(n));
    const detailed = this.detail && side * density > 1.3 * this.data.sprites.side && shown.length <= 80;
    // Freely laid out, thumbnails overlap: on bright paper the white around one is not to cover its neighbour.
    ink.fillStyle = this.theme.paper;
    const bright = parseInt(ink.fillStyle.slice(1), 16) > 0x808080;
    this.clear = this.layout === "free" && !this.grouping && bright;
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

  paintItem(n, px, py, side, detailed) {
    const { ink } = this, { side: size, across } = this.data.sprites;
    const group = this.grouping && this.data.groups[this.grouping];
    const left = px - side / 2, top = py - side / 2;
    if (group) {
      ink.fillStyle = group.colours[group.of[n]];
      // From far away the colour is all that can be seen.
      const rim = side < 14 ? side : Math.max(2, side * 0.06);
      ink.fillRect(left - rim / 2, top - rim / 2, side + rim, side + rim);
      if (side < 14) return;
    }
    const large = detailed && this.larger(n);
    if (large) { this.paintWhole(large, left, top, side); return; }
    const sheet = this.sheets[Math.floor(n / across ** 2)], place = n % across ** 2;
    if (sheet?.levels) {
      // Made when it is first seen: in the dark, and on a grid, nobody needs it.
      const levels = this.clear ? sheet.cleared ??= MapDrawing.levelsOf(MapDrawing.cleared(sheet)) : sheet.levels;
      const level = Math.min(Math.max(Math.floor(Math.log2(size / (side * this.density))), 0), 4), part = size / 2 ** level;
      const x0 = (place % across) * part, y0 = Math.floor(place / across) * part;
      ink.drawImage(levels[level], x0, y0, part, part, left, top, side, side);
    } else this.paintColour(n, left, top, side);
  }

  // The item's colour stands for its picture until that is there.
  paintColour(n, left, top, side) {
    const { ink } = this, { of, colours } = this.data.groups.colour, before = ink.globalAlpha;
    ink.globalAlpha = before * 0.4;
    ink.fillStyle = colours[of[n]];
    ink.fillRect(left, top, side, side);
    ink.globalAlpha = before;
  }

  // A picture of any form, on a white square.
  paintWhole(image, left, top, side) {
    const { ink } = this, share = side / Math.max(image.naturalWidth, image.naturalHeight);
    const width = image.naturalWidth * share, height = image.naturalHeight * share;
    ink.fillStyle = "#fff";
    ink.fillRect(left, top, side, side);
    ink.drawImage(image, left + (side - width) / 2, top + (side - height) / 2, width, height);
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
    return image.complete && image.naturalWidth ? image : null;
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
    if (this.scale > Math.max(90, 2 * this.fitted)) return;
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
}
