/* Small pieces that both lesson pages share: lengths in words, the notice line, the strip of what was seen. */
import { fill } from '../media/words.js';

const SVG = 'http://www.w3.org/2000/svg';

/** 70000 → "1 min 10 s" in the words of the page. */
export function lengthInWords(ms, words) {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  const minutes = Math.floor(seconds / 60);
  return minutes ? fill(words.minutes, { minutes, seconds: seconds % 60 }) : fill(words.seconds, { seconds });
}

/** Draw pairs of milliseconds as bars into an SVG of 1000 units. */
export function drawStrip(svg, pieces, length) {
  while (svg.childElementCount > pieces.length) svg.lastElementChild.remove();
  while (svg.childElementCount < pieces.length) svg.append(document.createElementNS(SVG, 'rect'));
  pieces.forEach(([from, to], place) => {
    const bar = svg.children[place];
    bar.setAttribute('x', (from * 1000) / length);
    bar.setAttribute('width', Math.max(1, ((to - from) * 1000) / length));
    bar.setAttribute('height', '10');
  });
}

/** The line above a lesson that says what is going on; an empty text hides it. */
export function makeNotice(box) {
  const words = box.querySelector('p');
  const again = box.querySelector('button');
  return (text, { button = false, onAgain = null } = {}) => {
    box.hidden = !text;
    words.textContent = text || '';
    again.hidden = !button;
    again.onclick = onAgain;
  };
}
