/* A search field that offers what it finds while one types. Without this script the same form has a button and a list. */

const PAUSE_MS = 200;

function enhance(box) {
  const text = box.querySelector('[data-picker-text]');
  const select = box.querySelector('select');
  const list = document.createElement('ul');
  list.className = 'picker-list';
  list.hidden = true;
  box.append(list);
  box.classList.add('ready');
  text.removeAttribute('name');
  let timer = 0;
  let asked = 0;

  function choose(item) {
    const option = new Option(item.text, item.id, true, true);
    select.append(option);
    select.value = String(item.id);
    text.value = item.text;
    list.hidden = true;
    text.focus();
    box.dispatchEvent(new CustomEvent('picked', { bubbles: true, detail: item }));
    if (select.form && select.form.method === 'get') select.form.submit();
  }

  function show(items) {
    list.textContent = '';
    for (const item of items) {
      const row = document.createElement('li');
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = item.text;
      const note = document.createElement('span');
      note.className = 'quiet-text';
      note.textContent = item.note || '';
      button.append(' ', note);
      button.addEventListener('click', () => choose(item));
      row.append(button);
      list.append(row);
    }
    if (!items.length) {
      const row = document.createElement('li');
      row.className = 'quiet-text';
      row.textContent = box.dataset.none;
      list.append(row);
    }
    list.hidden = false;
  }

  async function find() {
    const mine = ++asked;
    const address = new URL(box.dataset.picker, location.href);
    address.searchParams.set('q', text.value);
    try {
      const response = await fetch(address, { headers: { Accept: 'application/json' } });
      if (response.ok && mine === asked) show((await response.json()).items);
    } catch (error) {
      list.hidden = true; // the line is lost: the next key asks again
    }
  }

  text.addEventListener('focus', () => {
    text.select();
    if (!text.value) find();
  });
  text.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(find, PAUSE_MS);
  });
  text.addEventListener('keydown', (event) => {
    const first = list.querySelector('button');
    if (event.key === 'ArrowDown' && !list.hidden && first) {
      event.preventDefault();
      first.focus();
    } else if (event.key === 'Enter') {
      event.preventDefault();
      if (!list.hidden && first) first.click();
      else find();
    }
  });
  list.addEventListener('keydown', (event) => {
    const buttons = [...list.querySelectorAll('button')];
    const place = buttons.indexOf(document.activeElement);
    const next = { ArrowDown: place + 1, ArrowUp: place - 1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    (buttons[next] || text).focus();
  });
  box.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') list.hidden = true;
  });
  box.addEventListener('focusout', (event) => {
    if (box.contains(event.relatedTarget)) return;
    list.hidden = true;
    const chosen = select.selectedOptions[0];
    text.value = chosen && chosen.value ? chosen.textContent : '';
  });
}

for (const box of document.querySelectorAll('[data-picker]')) enhance(box);
