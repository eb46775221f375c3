/* The sound as a picture around the present moment, with the captions on it; edges can be dragged. */

const SPAN_S = 24;
const GRIP_PX = 9;
const COLOURS = { wave: '#8fc7bd', cue: 'rgba(240, 195, 90, .28)', current: 'rgba(240, 195, 90, .55)', edge: '#f0c35a', now: '#ff7a5c', text: '#f7f3ea' };

/** Draws into `canvas`; `on.go(seconds)`, `on.choose(place)`, `on.drag(place, side, ms, isDone)` hear what hands do. */
export class Wave {
  constructor(canvas, on) {
    Object.assign(this, { canvas, on, peaks: [], perSecond: 1, cues: [], current: -1, now: 0, grip: null });
    canvas.addEventListener('pointerdown', (event) => this.down(event));
    canvas.addEventListener('pointermove', (event) => this.move(event));
    canvas.addEventListener('pointerup', (event) => this.up(event));
    canvas.addEventListener('pointercancel', () => { this.grip = null; });
    addEventListener('resize', () => this.draw());
  }

  /** Fetch the peaks: `{"per_second": 20, "peaks": [0 … 127]}`; false when there are none. */
  async load(address) {
    if (!address) return false;
    try {
      const answer = await fetch(address);
      if (!answer.ok) return false;
      const { per_second: perSecond, peaks } = await answer.json();
      Object.assign(this, { perSecond, peaks });
      this.draw();
      return true;
    } catch (error) {
      return false;
    }
  }

  get left() {
    return Math.max(0, this.now - SPAN_S / 3);
  }

  x(seconds) {
    return ((seconds - this.left) / SPAN_S) * this.canvas.clientWidth;
  }

  seconds(event) {
    const box = this.canvas.getBoundingClientRect();
    return Math.max(0, this.left + ((event.clientX - box.left) / box.width) * SPAN_S);
  }

  gripAt(event) {
    const at = event.clientX - this.canvas.getBoundingClientRect().left;
    const near = (ms) => Math.abs(this.x(ms / 1000) - at) <= GRIP_PX;
    const places = [this.current, ...this.cues.keys()];
    for (const place of places) {
      const cue = this.cues[place];
      if (!cue) continue;
      if (near(cue[0])) return { place, side: 0 };
      if (near(cue[1])) return { place, side: 1 };
    }
    return null;
  }

  down(event) {
    this.grip = this.gripAt(event);
    this.canvas.setPointerCapture(event.pointerId);
    if (this.grip) this.on.choose(this.grip.place);
  }

  move(event) {
    if (this.grip) this.on.drag(this.grip.place, this.grip.side, Math.round(this.seconds(event) * 1000), false);
    else this.canvas.classList.toggle('is-edge', Boolean(this.gripAt(event)));
  }

  up(event) {
    const { grip } = this;
    this.grip = null;
    if (grip) {
      this.on.drag(grip.place, grip.side, Math.round(this.seconds(event) * 1000), true);
      return;
    }
    const seconds = this.seconds(event);
    const place = this.cues.findIndex(([from, to]) => from <= seconds * 1000 && seconds * 1000 < to);
    if (place >= 0) this.on.choose(place);
    this.on.go(seconds);
  }

  draw() {
    const { canvas } = this;
    const scale = window.devicePixelRatio || 1;
    const width = canvas.clientWidth;
    const height = canvas.clientHeight;
    if (canvas.width !== Math.round(width * scale) || canvas.height !== Math.round(height * scale)) {
      canvas.width = Math.round(width * scale);
      canvas.height = Math.round(height * scale);
    }
    const pen = canvas.getContext('2d');
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    pen.clearRect(0, 0, width, height);
    this.drawPeaks(pen, width, height);
    this.drawCues(pen, height);
    pen.fillStyle = COLOURS.now;
    pen.fillRect(this.x(this.now) - 1, 0, 2, height);
  }

  drawPeaks(pen, width, height) {
    pen.fillStyle = COLOURS.wave;
    const first = Math.floor(this.left * this.perSecond);
    const last = Math.min(this.peaks.length, Math.ceil((this.left + SPAN_S) * this.perSecond));
    const bar = Math.max(1, width / (SPAN_S * this.perSecond) - 0.6);
    for (let place = first; place < last; place += 1) {
      const size = Math.max(1, (this.peaks[place] / 127) * (height - 24));
      pen.fillRect(this.x(place / this.perSecond), 20 + (height - 24 - size) / 2, bar, size);
    }
  }

  drawCues(pen, height) {
    pen.font = '13px sans-serif';
    pen.textBaseline = 'top';
    this.cues.forEach(([from, to, text], place) => {
      const [start, end] = [this.x(from / 1000), this.x(to / 1000)];
      if (end < 0 || start > this.canvas.clientWidth) return;
      pen.fillStyle = place === this.current ? COLOURS.current : COLOURS.cue;
      pen.fillRect(start, 0, end - start, height);
      pen.fillStyle = COLOURS.edge;
      pen.fillRect(start, 0, 2, height);
      pen.fillRect(end - 2, 0, 2, height);
      pen.save();
      pen.beginPath();
      pen.rect(start + 5, 0, Math.max(0, end - start - 8), 20);
      pen.clip();
      pen.fillStyle = COLOURS.text;
      pen.fillText(text.replace(/\n/g, ' '), start + 5, 4);
      pen.restore();
    });
  }
}
