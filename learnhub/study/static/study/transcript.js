/* The words beside the recording: the cue that is spoken is marked and kept in view, a click goes there. */

const HANDS_OFF_MS = 5000; // after the person has scrolled, do not pull the list away

/** Follows `video` in the list of cues inside `box` (may be null: there are no captions). */
export class Transcript {
  constructor(box, video) {
    if (!box) return;
    this.video = video;
    this.list = box.querySelector('ol');
    this.cues = [...box.querySelectorAll('button[data-ms]')];
    this.starts = this.cues.map((cue) => Number(cue.dataset.ms) / 1000);
    this.current = null;
    this.touched = 0;
    box.addEventListener('click', (event) => {
      const cue = event.target.closest('button[data-ms]');
      if (!cue) return;
      video.currentTime = Number(cue.dataset.ms) / 1000;
      video.play();
    });
    for (const name of ['wheel', 'touchmove']) {
      this.list.addEventListener(name, () => { this.touched = Date.now(); }, { passive: true });
    }
    video.addEventListener('timeupdate', () => this.follow());
  }

  follow() {
    const now = this.video.currentTime + 0.05;
    let place = -1;
    while (place + 1 < this.starts.length && this.starts[place + 1] <= now) place += 1;
    const cue = this.cues[place] || null;
    if (cue === this.current) return;
    if (this.current) this.current.removeAttribute('aria-current');
    this.current = cue;
    if (!cue) return;
    cue.setAttribute('aria-current', 'true');
    if (Date.now() - this.touched > HANDS_OFF_MS) {
      this.list.scrollTop = cue.offsetTop - this.list.offsetTop - this.list.clientHeight / 3;
    }
  }
}
