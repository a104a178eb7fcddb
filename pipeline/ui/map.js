// The Map tab: the viewer on the page's own data. This is the body of a function of the part that holds the viewer, after
// the viewer itself: element, trigger and watch are given. Its neighbours find it as window.fpMap.
const ask = fields => trigger("select", { index: Number(fields.row ?? 0), value: JSON.stringify(fields) });

// What stands out, as one bit for each item: see map_handlers.py.
const lit = () => {
  const told = document.querySelector("#fp-map-found [data-lit]");
  if (!told) return null;
  const bytes = Uint8Array.from(atob(told.dataset.lit), letter => letter.charCodeAt(0)), places = [];
  bytes.forEach((byte, n) => { for (let bit = 0; bit < 8; bit++) if (byte & (128 >> bit)) places.push(8 * n + bit); });
  return places;
};
const pieces = () => JSON.parse(document.querySelector("#fp-map-pieces [data-pieces]")?.dataset.pieces ?? "[]");

const start = async () => {
  const holder = element.querySelector("[data-map-key]");
  if (!holder || holder.dataset.mapKey === window.fpMap?.served) return;
  const key = holder.dataset.mapKey, before = window.fpMap;
  before?.destroy();
  window.fpMap = { served: key, destroy() {}, light() {}, setPieces() {}, showPiece() {} };
  const answer = await fetch(`map/${key}/data.json`);
  // Another map may have been asked for meanwhile.
  if (!answer.ok || window.fpMap.served !== key) return;
  const data = await answer.json();
  const map = new FashionMap(holder.querySelector(".fm"), data, {
    words: JSON.parse(holder.dataset.words),
    open: place => ask({ act: "open", item: data.ids[place] }),
    openPiece: number => document.querySelector(`#fp-map-pieces [data-row="${number}"]`)?.click(),
    detail: id => `catalogue/thumb/${encodeURIComponent(id)}`,
  });
  map.served = key;
  window.fpMap = map;
  map.light(lit());
  map.setPieces(pieces());
  holder.dataset.drawn = "";
};
watch("value", start);
start();
// The parts beside the map change on their own.
window.fpMapChanged = () => { window.fpMap?.light(lit()); };
window.fpPiecesChanged = () => { window.fpMap?.setPieces(pieces()); };
window.fpPieceShown = number => window.fpMap?.showPiece(number);
