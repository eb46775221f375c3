/* Keys and taps: everything that the player's buttons do can be done by keyboard and by touch. */

const TAP_MS = 300;
const TAP_SECONDS = 10;
const FIELDS = 'select, textarea, input:not([type="range"])';
const PRESSED = 'button, a, summary, [role="button"]';

/** Wires keys of the page and taps on the picture to a player (see player.js). */
export class Hands {
  constructor(player) {
    this.player = player;
    this.tapped = null;
    document.addEventListener('keydown', (event) => this.key(event));
    player.picture.addEventListener('pointerup', (event) => this.tap(event));
    this.sign = player.box.querySelector('.player-jump');
  }

  tap(event) {
    const { player } = this;
    if (event.target !== player.video || event.button !== 0) return;
    if (event.pointerType !== 'touch') {
      player.toggle();
      return;
    }
    if (this.tapped === null) {
      this.tapped = setTimeout(() => { this.tapped = null; player.toggle(); }, TAP_MS);
      return;
    }
    clearTimeout(this.tapped);
    this.tapped = null;
    const { left, width } = player.video.getBoundingClientRect();
    const change = event.clientX - left < width / 2 ? -TAP_SECONDS : TAP_SECONDS;
    player.jump(change);
    this.sign.textContent = change < 0 ? `−${TAP_SECONDS}` : `+${TAP_SECONDS}`;
    this.sign.classList.toggle('is-ahead', change > 0);
    this.sign.hidden = false;
    clearTimeout(this.signTimer);
    this.signTimer = setTimeout(() => { this.sign.hidden = true; }, TAP_MS * 2);
  }

  key(event) {
    const { target } = event;
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || target.closest(FIELDS)) return;
    const isPress = event.key === ' ' || event.key === 'Enter';
    if (isPress && (target.closest(PRESSED) || /^MEDIA-.*-BUTTON$/.test(target.tagName))) return;
    const act = this.action(event.key);
    if (!act) return;
    event.preventDefault();
    act();
  }

  action(key) {
    const { player } = this;
    const { video, choices } = player;
    const volume = (change) => { video.volume = Math.min(1, Math.max(0, video.volume + change)); };
    if (/^[0-9]$/.test(key)) return () => { video.currentTime = (Number(key) * player.length) / 10; };
    return {
      ' ': () => player.toggle(), k: () => player.toggle(), j: () => player.jump(-10), l: () => player.jump(10),
      arrowleft: () => player.jump(-5), arrowright: () => player.jump(5),
      arrowup: () => volume(0.1), arrowdown: () => volume(-0.1),
      m: () => { video.muted = !video.muted; }, c: () => choices.setCaptions(!choices.chosen.captions),
      f: () => player.fields.full.click(), p: () => player.fields.small.click(),
      '<': () => choices.stepSpeed(-1), '>': () => choices.stepSpeed(1),
    }[key.toLowerCase()];
  }
}
