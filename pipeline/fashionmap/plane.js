// Where everything on a map lies, in the world and on the screen, and how the view moves over it.
"use strict";

class MapPlane {
  static SMALLEST = 0.6;   // zoom at which the whole map fills this share of the view
  static LARGEST = 320;    // pixels that a thumbnail grows to
  static MOVE_MS = 450;

  constructor(root, data) {
    Object.assign(this, { root, data });
    this.canvas = root.querySelector("canvas");
    this.count = data.ids.length;
    this.calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.layout = "free";
    this.spread();
    this.at = Float64Array.from(this.worlds.free);
  }

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
}
