// What is wrong with the screen as it stands, one line each: labels that overlap, text that is cut off, too little
// contrast. Runs inside the page, from outside of it: the body of a function that returns a list of strings.

const faults = [];
const say = (text) => { const t = text.trim().replace(/\s+/g, " "); return `"${t.length > 48 ? `${t.slice(0, 47)}…` : t}"`; };
const where = (element) => {
  const name = (one) => one.tagName.toLowerCase() + (one.id ? `#${one.id}` : "") + [...one.classList].map((c) => `.${c}`).join("");
  const parent = element.parentElement;
  return parent && parent !== document.body ? `${name(parent)} > ${name(element)}` : name(element);
};
// What may lie over everything else: the rest is hidden under it, and meant to be.
const OVER = ".caught, .pop, dialog, .toasts, .ladder-newest, .sheet > .right, .invitation, .walk, .left, .right";
const layer = (element) => element.closest(OVER);

// --- every piece of text that can be seen, as a quadrangle -------------------------------------------------------

const box = (r) => [[r.left, r.top], [r.right, r.top], [r.right, r.bottom], [r.left, r.bottom]];
const cut = (element) => {
  // What of an element can be seen: its ancestors cut it.
  const seen = { left: 0, top: 0, right: innerWidth, bottom: innerHeight };
  for (let up = element; up && up !== document.documentElement; up = up.parentElement) {
    const style = getComputedStyle(up);
    const r = up.getBoundingClientRect();
    const svg = up.tagName === "svg";
    if (svg || style.overflowX !== "visible") { seen.left = Math.max(seen.left, r.left); seen.right = Math.min(seen.right, r.right); }
    if (svg || style.overflowY !== "visible") { seen.top = Math.max(seen.top, r.top); seen.bottom = Math.min(seen.bottom, r.bottom); }
    if (style.position === "fixed") break;
  }
  return seen;
};
const shown = (element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true, contentVisibilityAuto: true })
  && !element.closest("[aria-hidden=true] option, option, .aloud, .spoken, .skip");

const texts = [];
for (const text of document.querySelectorAll("svg text")) {
  if (!text.textContent.trim() || !shown(text)) continue;
  const b = text.getBBox(), m = text.getScreenCTM();
  if (!m || !b.width) continue;
  // The box of a line has room above and below the letters.
  const top = b.y + b.height * .16, bottom = b.y + b.height * .84;
  const quad = [[b.x, top], [b.x + b.width, top], [b.x + b.width, bottom], [b.x, bottom]]
    .map(([x, y]) => [m.a * x + m.c * y + m.e, m.b * x + m.d * y + m.f]);
  texts.push({ element: text, quad, words: text.textContent, seen: cut(text) });
}
const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walk.nextNode()) {
  const node = walk.currentNode, element = node.parentElement;
  if (!node.data.trim() || !element || element.closest("svg, script, style, noscript, select") || !shown(element)) continue;
  const range = document.createRange();
  range.selectNodeContents(node);
  const seen = cut(element);
  for (const r of range.getClientRects()) {
    if (r.width < 1) continue;
    const shrink = r.height * .16;
    const quad = box({ left: r.left, right: r.right, top: r.top + shrink, bottom: r.bottom - shrink });
    texts.push({ element, quad, words: node.data, seen });
  }
}
const middle = (quad) => [quad.reduce((sum, p) => sum + p[0], 0) / 4, quad.reduce((sum, p) => sum + p[1], 0) / 4];
const inside = ([x, y], r) => x > r.left && x < r.right && y > r.top && y < r.bottom;
const bounds = (quad) => ({
  left: Math.min(...quad.map((p) => p[0])), right: Math.max(...quad.map((p) => p[0])),
  top: Math.min(...quad.map((p) => p[1])), bottom: Math.max(...quad.map((p) => p[1])),
});
const visible = texts.filter((text) => {
  // What is left of it where its ancestors cut it.
  const b = bounds(text.quad), s = text.seen;
  const left = Math.max(b.left, s.left), right = Math.min(b.right, s.right), top = Math.max(b.top, s.top), bottom = Math.min(b.bottom, s.bottom);
  if (right - left < 4 || bottom - top < (b.bottom - b.top) / 2) return false;
  const centre = [(left + right) / 2, (top + bottom) / 2];
  // Something that lies over it hides it.
  const first = document.elementFromPoint(...centre);
  const over = first && layer(first);
  return !over || over.contains(text.element);
});

// --- no two labels overlap ---------------------------------------------------------------------------------------

const apart = (a, b, slack) => {
  for (const [one, two] of [[a, b], [b, a]]) {
    for (let at = 0; at < 4; at++) {
      const [x1, y1] = one[at], [x2, y2] = one[(at + 1) % 4];
      const length = Math.hypot(x2 - x1, y2 - y1) || 1;
      const nx = (y2 - y1) / length, ny = (x1 - x2) / length;
      const range = (quad) => { const all = quad.map(([x, y]) => x * nx + y * ny); return [Math.min(...all), Math.max(...all)]; };
      const [low1, high1] = range(one), [low2, high2] = range(two);
      if (high1 - slack <= low2 || high2 - slack <= low1) return true;
    }
  }
  return false;
};
for (let i = 0; i < visible.length; i++) {
  for (let j = i + 1; j < visible.length; j++) {
    const a = visible[i], b = visible[j];
    if (a.element === b.element || a.element.contains(b.element) || b.element.contains(a.element)) continue;
    if (layer(a.element) !== layer(b.element)) continue;
    // Where their ancestors cut them they do not meet.
    const meets = (low, high) => Math.min(a.seen[high], b.seen[high], bounds(a.quad)[high], bounds(b.quad)[high])
      - Math.max(a.seen[low], b.seen[low], bounds(a.quad)[low], bounds(b.quad)[low]) > 1.5;
    if (!meets("left", "right") || !meets("top", "bottom")) continue;
    if (!apart(a.quad, b.quad, 1.5)) faults.push(`overlap: ${say(a.words)} and ${say(b.words)} in ${where(b.element)}`);
  }
}

// --- nothing is clipped ------------------------------------------------------------------------------------------

const scrolls = (value) => value === "auto" || value === "scroll";
for (const text of visible) {
  const { element } = text;
  const b = bounds(text.quad);
  let ellipsis = false, sideways = false, down = false;
  for (let up = element; up && up !== document.body; up = up.parentElement) {
    const style = getComputedStyle(up);
    ellipsis ||= style.textOverflow === "ellipsis" && style.overflowX !== "visible";
    sideways ||= scrolls(style.overflowX);
    down ||= scrolls(style.overflowY);
    if (up.tagName === "svg" && up.parentElement.closest(".ladder-scroll")) { down = true; }
  }
  const left = text.seen.left - b.left, right = b.right - text.seen.right;
  if (!ellipsis && !sideways && Math.max(left, right) > 1.5) {
    faults.push(`cut off ${Math.ceil(Math.max(left, right))} px at the side: ${say(text.words)} in ${where(element)}`);
  }
  if (!down && b.bottom - text.seen.bottom > 3) {
    faults.push(`cut off ${Math.ceil(b.bottom - text.seen.bottom)} px below: ${say(text.words)} in ${where(element)}`);
  }
}
for (const element of document.querySelectorAll("button, label, td, th, dt, summary, .pill, .notice, h1, h2, h3, h4")) {
  if (!shown(element)) continue;
  const style = getComputedStyle(element);
  if (style.overflowX === "visible" || scrolls(style.overflowX) || style.textOverflow === "ellipsis") continue;
  if (element.scrollWidth > element.clientWidth + 1) faults.push(`wider than its room: ${say(element.textContent)} in ${where(element)}`);
}
for (const select of document.querySelectorAll("select")) {
  if (!shown(select) || getComputedStyle(select).textOverflow === "ellipsis") continue;
  if (select.scrollWidth > select.clientWidth + 1) faults.push(`wider than its list: ${where(select)}`);
}
if (document.documentElement.scrollWidth > innerWidth) faults.push(`the page is ${document.documentElement.scrollWidth} px wide`);

// --- no text under AA (WCAG 2.2, 1.4.3) --------------------------------------------------------------------------

const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
const known = new Map();
const colour = (css) => {
  if (!known.has(css)) {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = css;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    known.set(css, [r, g, b, a / 255]);
  }
  return known.get(css);
};
const over = ([r, g, b, a], [r2, g2, b2]) => [r * a + r2 * (1 - a), g * a + g2 * (1 - a), b * a + b2 * (1 - a), 1];
const light = ([r, g, b]) => {
  const [x, y, z] = [r, g, b].map((v) => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
  return .2126 * x + .7152 * y + .0722 * z;
};
const ground = (element) => {
  const stack = [];
  for (let up = element; up; up = up.parentElement) {
    const c = colour(getComputedStyle(up).backgroundColor);
    if (c[3] > 0) stack.push(c);
    if (c[3] === 1) break;
  }
  return stack.reverse().reduce((below, above) => over(above, below), [255, 255, 255, 1]);
};
const shapes = new Map();
const behind = (text, centre) => {
  const svg = text.ownerSVGElement;
  if (!shapes.has(svg)) shapes.set(svg, [...svg.querySelectorAll("rect, circle")].map((one) => [one, one.getBoundingClientRect()]));
  let below = ground(svg);
  for (const [shape, r] of shapes.get(svg)) {
    if (!inside(centre, r) || !(shape.compareDocumentPosition(text) & Node.DOCUMENT_POSITION_FOLLOWING)) continue;
    const style = getComputedStyle(shape);
    if (style.fill === "none" || style.fill.startsWith("url")) continue;
    const [r0, g0, b0, a0] = colour(style.fill);
    below = over([r0, g0, b0, a0 * Number(style.opacity) * Number(style.fillOpacity)], below);
  }
  // A halo of the panel's colour around letters is their ground.
  const style = getComputedStyle(text);
  if (style.paintOrder.startsWith("stroke") && style.stroke !== "none") below = over(colour(style.stroke), below);
  return below;
};
for (const { element, quad, words } of visible) {
  if (element.closest("button:disabled, input:disabled, select:disabled, fieldset:disabled, [aria-disabled=true]")) continue;
  const style = getComputedStyle(element);
  const svg = element.closest("svg");
  const below = svg ? behind(element, middle(quad)) : ground(element);
  const ink = over(colour(svg ? style.fill : style.color), below);
  const [a, b] = [light(ink), light(below)];
  const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
  const size = parseFloat(style.fontSize);
  const enough = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
  if (ratio < enough - .005) faults.push(`contrast ${ratio.toFixed(2)}: ${say(words)} in ${where(element)}`);
}

// --- targets on a phone (DESIGN: 44 px) --------------------------------------------------------------------------

if (innerWidth < 600) {
  for (const target of document.querySelectorAll("button, select, input, summary, a[href]")) {
    if (!shown(target) || target.disabled || target.closest("label, .skip") || target.classList.contains("jump")) continue;
    const r = target.getBoundingClientRect();
    if (!inside([r.left + r.width / 2, r.top + r.height / 2], cut(target.parentElement))) continue;
    if (r.height < 43.5 || r.width < 43.5) faults.push(`target of ${Math.round(r.width)} x ${Math.round(r.height)} px: ${say(target.getAttribute("aria-label") || target.textContent)} in ${where(target)}`);
  }
}

return [...new Set(faults)];
