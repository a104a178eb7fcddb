
// Hovering names the piece under the pointer. Goes on where box.js ends, whose `shown` and `veil` it uses.
let marks = null, tag = null;
const pen = document.createElement("canvas").getContext("2d");

const readMarks = () => {
  const given = element.querySelector("[data-marks]")?.dataset.marks;
  marks = given ? JSON.parse(given) : null;
  for (const piece of marks?.pieces ?? []) {
    piece.shape = new Path2D(piece.outlines.map(line => `M${line.join("L")}Z`).join(""));
  }
  tag?.remove();
};
readMarks();
watch("value", readMarks);

// As a click would have it: the nearest dot in reach, or else the smallest piece there.
const pieceAt = (x, y) => {
  const far = ({ dot }) => Math.hypot(x - dot[0], y - dot[1]);
  const nearest = marks.pieces.reduce((best, piece) => (best && far(best) <= far(piece) ? best : piece), null);
  if (nearest && far(nearest) <= marks.reach) return nearest;
  return marks.pieces.find(({ shape }) => pen.isPointInPath(shape, x, y));
};

document.addEventListener("pointermove", event => {
  const block = marks && !veil && event.pointerType === "mouse" && event.target.closest?.("#fp-photo");
  const image = block && block.querySelector("img");
  if (!image?.naturalWidth) {
    tag?.remove();
    return;
  }
  const { left, top, width, height } = shown(image), around = block.getBoundingClientRect();
  const piece = pieceAt((event.clientX - left) / width * marks.size[0], (event.clientY - top) / height * marks.size[1]);
  if (!piece) {
    tag?.remove();
    return;
  }
  tag ??= Object.assign(document.createElement("div"), { className: "fp-tag", ariaHidden: "true" });
  if (tag.textContent !== piece.name) tag.textContent = piece.name;
  if (tag.parentElement !== block) block.append(tag);
  tag.style.left = `${event.clientX - around.left}px`;
  tag.style.top = `${event.clientY - around.top}px`;
});
