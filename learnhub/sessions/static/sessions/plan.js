/* The planning page: the lessons follow the chosen station, can be filtered, and their length is summed up. */

const field = document.querySelector('[data-lessons]');
const list = field.querySelector('[data-lesson-list]');
const sum = field.querySelector('[data-lesson-sum]');
const filterRow = field.querySelector('.lesson-filter');
const filter = filterRow.querySelector('input');

function line(item) {
  const row = document.createElement('div');
  row.className = 'choice';
  row.dataset.seconds = item.s;
  const box = document.createElement('input');
  Object.assign(box, { type: 'checkbox', id: `f-lesson-${item.id}`, name: 'lessons', value: item.id });
  const label = document.createElement('label');
  label.htmlFor = box.id;
  const note = document.createElement('span');
  note.className = 'quiet-text';
  note.textContent = item.note;
  label.append(item.text, ' ', note);
  row.append(box, label);
  return row;
}

function show(items) {
  list.textContent = items.length ? '' : field.dataset.empty;
  let course = null;
  for (const item of items) {
    if (item.course !== course) {
      course = item.course;
      const heading = document.createElement('h2');
      heading.className = 'lesson-course';
      heading.textContent = course;
      list.append(heading);
    }
    list.append(line(item));
  }
  refresh();
}

function refresh() {
  const chosen = [...list.querySelectorAll('input:checked')];
  const seconds = chosen.reduce((total, box) => total + Number(box.closest('[data-seconds]').dataset.seconds), 0);
  sum.textContent = chosen.length
    ? field.dataset.sum.replace('{count}', chosen.length).replace('{minutes}', Math.ceil(seconds / 60)) : '';
  filterRow.hidden = list.querySelectorAll('.choice').length < 12;
}

function narrow() {
  const wanted = filter.value.trim().toLowerCase();
  let heading = null;
  for (const row of list.children) {
    if (row.tagName === 'H2') {
      heading = row;
      heading.hidden = Boolean(wanted);
      continue;
    }
    const inCourse = heading && heading.textContent.toLowerCase().includes(wanted);
    row.hidden = !inCourse && !row.textContent.toLowerCase().includes(wanted);
    if (!row.hidden && heading) heading.hidden = false;
  }
}

document.addEventListener('picked', async (event) => {
  if (!event.target.querySelector('#f-station')) return;
  const address = new URL(field.dataset.lessons, location.href);
  address.searchParams.set('station', event.detail.id);
  const response = await fetch(address, { headers: { Accept: 'application/json' } });
  if (response.ok) show((await response.json()).items);
});
list.addEventListener('change', refresh);
filter.addEventListener('input', narrow);
filter.addEventListener('keydown', (event) => {
  if (event.key === 'Enter') event.preventDefault();
});
refresh();
