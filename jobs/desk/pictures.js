// Pictures of items, fetched and decoded before they are needed, and what of a picture is not white border.

const KEPT = 16;
const PROBE = 96;
const WHITE = 246;
const MARGIN = 0.03;

export class Pictures {
  constructor(missing) {
    Object.assign(this, { missing, kept: new Map() });
  }

  // A promise of {view: picture}; the same for the same item while it is kept.
  of(item) {
    if (!this.kept.has(item.item)) {
      const decoded = item.views.map(async (view) => {
        const picture = new Image();
        picture.src = view.url;
        const whole = await picture.decode().then(() => true, () => this.missing(view.name));
        return [view.name, { image: whole ? picture : null, bag: whole ? bag(picture) : null }];
      });
      this.kept.set(item.item, Promise.all(decoded).then(Object.fromEntries));
      if (this.kept.size > KEPT) this.kept.delete(this.kept.keys().next().value);
    }
    return this.kept.get(item.item);
  }
}

// [left, top, width, height] of what is not white, as shares of the picture, with a margin; all of it where nothing is.
function bag(picture) {
  const canvas = Object.assign(document.createElement("canvas"), { width: PROBE, height: PROBE });
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  pen.drawImage(picture, 0, 0, PROBE, PROBE);
  const { data } = pen.getImageData(0, 0, PROBE, PROBE);
  let [left, up, right, down] = [PROBE, PROBE, -1, -1];
  for (let at = 0; at < PROBE * PROBE; at++) {
    if (data[4 * at] >= WHITE && data[4 * at + 1] >= WHITE && data[4 * at + 2] >= WHITE) continue;
    const [x, y] = [at % PROBE, Math.floor(at / PROBE)];
    [left, up, right, down] = [Math.min(left, x), Math.min(up, y), Math.max(right, x), Math.max(down, y)];
  }
  if (right < 0) return [0, 0, 1, 1];
  const from = (edge) => Math.max(edge / PROBE - MARGIN, 0);
  const to = (edge) => Math.min((edge + 1) / PROBE + MARGIN, 1);
  return [from(left), from(up), to(right) - from(left), to(down) - from(up)];
}
