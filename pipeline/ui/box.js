// A box drawn over the photo: by mouse, pen or finger, or with the arrow keys. Sent as shares of the picture's sides.
// This is the body of a function of the part that holds the button: element and trigger are given.
let veil = null;
const hint = () => element.querySelector(".fp-draw-hint");

// Where the picture really is: gr.Image scales it down inside its element.
const shown = image => {
  const frame = image.getBoundingClientRect();
  const scale = Math.min(frame.width / image.naturalWidth, frame.height / image.naturalHeight, 1);
  const width = image.naturalWidth * scale, height = image.naturalHeight * scale;
  return { left: frame.left + (frame.width - width) / 2, top: frame.top + (frame.height - height) / 2, width, height };
};

const stop = () => {
  veil?.remove();
  veil = null;
  if (hint()) hint().hidden = true;
  removeEventListener("resize", stop);
};

const start = () => {
  const block = document.getElementById("fp-photo"), image = block?.querySelector("img");
  if (!image?.naturalWidth) return;
  stop();
  hint().hidden = false;
  const area = shown(image), around = block.getBoundingClientRect();
  veil = document.createElement("div");
  veil.className = "fp-veil";
  veil.tabIndex = 0;
  veil.setAttribute("role", "application");
  veil.setAttribute("aria-label", hint().textContent);
  Object.assign(veil.style, {
    left: `${area.left - around.left}px`, top: `${area.top - around.top}px`,
    width: `${area.width}px`, height: `${area.height}px`,
  });
  const mark = document.createElement("div");
  veil.append(mark);
  block.append(veil);
  veil.focus({ preventScroll: true });
  block.scrollIntoView({ block: "nearest" });
  addEventListener("resize", stop);

  let box = [0.3, 0.3, 0.7, 0.7], from = null;
  const within = value => Math.min(Math.max(value, 0), 1);
  const draw = () => Object.assign(mark.style, {
    display: "block", left: `${box[0] * 100}%`, top: `${box[1] * 100}%`,
    width: `${(box[2] - box[0]) * 100}%`, height: `${(box[3] - box[1]) * 100}%`,
  });
  const send = () => {
    const whole = box;
    stop();
    trigger("select", { index: whole, value: "" });
  };
  const at = event => {
    const { left, top, width, height } = veil.getBoundingClientRect();
    return [within((event.clientX - left) / width), within((event.clientY - top) / height)];
  };
  veil.addEventListener("pointerdown", event => {
    event.preventDefault();
    veil.setPointerCapture(event.pointerId);
    from = at(event);
  });
  veil.addEventListener("pointermove", event => {
    if (!from) return;
    const [x, y] = at(event);
    box = [Math.min(x, from[0]), Math.min(y, from[1]), Math.max(x, from[0]), Math.max(y, from[1])];
    draw();
  });
  veil.addEventListener("pointerup", () => {
    from = null;
    // A mere click is no box.
    if (box[2] - box[0] > 0.02 && box[3] - box[1] > 0.02) send();
  });
  veil.addEventListener("pointercancel", () => { from = null; });
  veil.addEventListener("click", event => event.stopPropagation());
  veil.addEventListener("keydown", event => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (event.key === "Escape") { stop(); element.querySelector("[data-draw]")?.focus(); }
    else if (event.key === "Enter") send();
    else if (!step) return;
    else {
      const [dx, dy] = step.map(part => part * 0.02);
      const moved = event.shiftKey
        ? [box[0], box[1], box[2] + dx, box[3] + dy] : [box[0] + dx, box[1] + dy, box[2] + dx, box[3] + dy];
      const inside = moved.every(edge => edge >= 0 && edge <= 1);
      if (inside && moved[2] - moved[0] > 0.03 && moved[3] - moved[1] > 0.03) box = moved;
      draw();
    }
    event.preventDefault();
    event.stopPropagation();
  });
};

element.addEventListener("click", event => {
  if (!event.target.closest("[data-draw]")) return;
  if (veil) stop();
  else start();
});
