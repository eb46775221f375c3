/* What every page can do beyond plain HTML: menus that close, focus on errors, jobs that are followed, toasts,
   passwords that can be read, lists of which all can be chosen, a word when an answer takes its time. */

/** The CSRF token for fetch(), from any form of the page. */
export function token() {
  const field = document.querySelector('input[name="csrf_token"]');
  return field ? field.value : '';
}

/** Say something in the lower corner for a few seconds; kind is success, info, warning or error. */
export function toast(text, kind = 'success') {
  const old = document.querySelector('.toast.floating');
  if (old) old.remove();
  const box = document.createElement('div');
  box.className = `toast floating ${kind}`;
  box.setAttribute('role', kind === 'error' ? 'alert' : 'status');
  const words = document.createElement('p');
  words.textContent = text;
  box.append(words);
  document.body.append(box);
  if (kind !== 'error') setTimeout(() => box.remove(), 6000);
}

/** Ask for a job's state until it is done or has failed; the pause grows so that a long job costs little. */
export async function follow(box, pause = 1000) {
  const bar = box.querySelector('progress');
  const words = box.querySelector('.job-message');
  let answer = { state: box.dataset.state };
  while (answer.state === 'waiting' || answer.state === 'running') {
    try {
      const response = await fetch(box.dataset.job, { headers: { Accept: 'application/json' } });
      if (response.status >= 400 && response.status < 500) return;
      answer = await response.json();
      bar.max = answer.total || 1;
      bar.value = answer.done || 0;
      words.textContent = answer.message || '';
      box.dataset.state = answer.state;
    } catch (error) {
      answer = { state: 'running' }; // the line broke: ask again later
    }
    if (answer.next && answer.state === 'done') location.assign(answer.next);
    await new Promise((resume) => setTimeout(resume, pause));
    pause = Math.min(pause * 1.3, 10000);
  }
}

function closeMenus(except) {
  for (const menu of document.querySelectorAll('.person-menu[open], .phone-menu[open]')) {
    if (menu !== except) menu.open = false;
  }
}

document.addEventListener('click', (event) => closeMenus(event.target.closest('.person-menu, .phone-menu')));
document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape') return;
  const near = event.target.closest && event.target.closest('.asks[open], .export[open], .filters[open]');
  const menu = document.querySelector('.person-menu[open], .phone-menu[open]') || near;
  if (!menu) return;
  menu.open = false;
  menu.querySelector('summary').focus();
});
// A form that is sent twice by an impatient finger does one thing once.
document.addEventListener('submit', (event) => {
  // A page's own script that sends the form by itself has prevented the event before it comes here.
  if (event.defaultPrevented || event.target.getAttribute('method') !== 'post') return;
  if (event.target.dataset.sent) event.preventDefault();
  event.target.dataset.sent = '1';
  setTimeout(() => delete event.target.dataset.sent, 3000);
});
// What takes longer than a second says so, on the button and in words.
let waiting = 0;
document.addEventListener('submit', (event) => {
  const button = event.submitter || event.target.querySelector('button[type="submit"], button:not([type])');
  const leaves = !event.defaultPrevented && event.target.matches('form[method="post"], .filter-bar');
  if (!leaves || !button || event.target.target) return;
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    button.classList.add('busy');
    toast(document.body.dataset.busy, 'info');
    setTimeout(() => button.classList.remove('busy'), 15000);
  }, 1000);
});
addEventListener('pagehide', () => clearTimeout(waiting));
addEventListener('pageshow', (event) => {
  if (event.persisted) for (const button of document.querySelectorAll('.busy')) button.classList.remove('busy');
});
for (const button of document.querySelectorAll('[data-shows]')) {
  const field = document.getElementById(button.dataset.shows);
  const words = button.querySelector('span');
  const show = words.textContent;
  const turn = (visible) => {
    field.type = visible ? 'text' : 'password';
    words.textContent = visible ? button.dataset.hide : show;
  };
  button.hidden = false;
  button.addEventListener('click', () => turn(field.type === 'password'));
  // The browser keeps passwords, not texts: what is sent is a password again.
  if (field.form) field.form.addEventListener('submit', () => turn(false));
}
for (const button of document.querySelectorAll('[data-all]')) {
  button.parentElement.hidden = false;
  button.addEventListener('click', () => {
    for (const box of button.closest('fieldset').querySelectorAll('input[type="checkbox"]')) box.checked = Boolean(button.dataset.all);
  });
}
// A table that fits needs no stop of the Tab key.
function stops() {
  for (const box of document.querySelectorAll('.table-wrap')) box.tabIndex = box.scrollWidth > box.clientWidth ? 0 : -1;
}
stops();
addEventListener('resize', stops);
const summary = document.querySelector('[data-focus]');
if (summary) summary.focus();
for (const box of document.querySelectorAll('[data-job]')) follow(box);
