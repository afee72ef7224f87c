(() => {
  'use strict';
  const LONGEST_VALUE = 160;
  const rules = JSON.parse(document.getElementById('rules').textContent);

  // Makes an element. Text is only ever set as text, never as markup.
  function make(name, attributes, ...children) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes ?? {})) {
      if (value !== undefined && value !== null) element.setAttribute(key, value);
    }
    element.append(...children.filter((child) => child !== null && child !== undefined));
    return element;
  }

  function shortened(text) {
    const span = make('span', null, text);
    if (text.length <= LONGEST_VALUE) return span;
    span.textContent = text.slice(0, LONGEST_VALUE) + '…';
    const more = make('button', { type: 'button', class: 'more' }, `all ${text.length} characters`);
    more.addEventListener('click', () => { span.textContent = text; });
    return make('span', null, span, more);
  }

  function duration(microseconds) {
    if (microseconds < 1000) return `${microseconds} µs`;
    if (microseconds < 1e6) return `${(microseconds / 1000).toFixed(1)} ms`;
    return `${(microseconds / 1e6).toFixed(2)} s`;
  }

  function counted(lines) {
    return `${lines} ${lines === 1 ? 'line' : 'lines'}`;
  }

  function folded(summary, lines, leftOut, where) {
    const note = leftOut ? `\n… ${leftOut} more lines in ${where}` : '';
    return make('details', { class: 'kernel' }, make('summary', null, summary), make('pre', { tabindex: 0 }, lines.join('\n') + note));
  }

  function stepHead(step, number, rows) {
    const head = make('th', { scope: 'rowgroup', rowspan: rows, role: 'rowheader' },
      make('span', { class: 'number' }, String(number)), make('code', null, step.text));
    const mark = step.bad ? (step.rows.some((row) => row.first) ? 'First difference' : 'It ended here') : step.inconclusive ? 'Not decided' : null;
    if (mark) head.prepend(make('span', { class: 'mark' }, mark));
    if (step.reached) head.append(make('span', { class: 'took' }, `at ${duration(step.start ?? 0)}, took ${duration(step.took ?? 0)}`));
    return head;
  }

  function fieldCells(row, judged) {
    const observed = make('td', { role: 'cell' }, make('span', { class: 'field' }, `${row.field} = `), shortened(row.observed));
    if (!row.rule) return [observed, make('td', { class: 'unjudged', role: 'cell' }, judged ? 'any' : 'not judged'), make('td', { class: 'rule', role: 'cell' })];
    return [observed,
      make('td', { class: 'allowed', role: 'cell' }, shortened(row.allowed)),
      make('td', { class: 'rule', role: 'cell', title: rules[row.rule]?.text }, (row.wrong ? 'broken: ' : '') + row.rule)];
  }

  function explanation(row) {
    const rule = rules[row.rule];
    if (!rule) return null;
    const cell = make('td', { class: 'says', colspan: 3, role: 'cell' }, make('strong', null, rule.should ? 'SHOULD ' : 'MUST '), `${rule.text} `, make('cite', null, rule.reference));
    if (rule.known) cell.append(make('br'), `Known bug: ${rule.known}`);
    return make('tr', { role: 'row' }, cell);
  }

  function stepBody(step, number) {
    const body = make('tbody', { role: 'rowgroup', class: step.bad ? 'wrong' : step.reached ? null : 'reach' });
    const rows = [];
    for (const row of step.rows ?? []) {
      rows.push(make('tr', { role: 'row', class: row.wrong ? 'off' : null }, ...fieldCells(row, step.judged)));
      if (row.wrong) rows.push(explanation(row));
    }
    if (rows.length === 0) {
      rows.push(make('tr', { role: 'row' }, make('td', { colspan: 3, class: 'unjudged', role: 'cell' }, step.reached ? 'nothing was recorded' : step.bad ? 'did not come back' : 'not reached')));
    }
    if (step.inconclusive) rows.push(make('tr', { role: 'row' }, make('td', { colspan: 3, class: 'unjudged', role: 'cell' }, step.inconclusive)));
    if (step.lines) {
      const count = step.lines.length + (step.linesLeftOut ?? 0);
      rows.push(make('tr', { role: 'row' }, make('td', { colspan: 3, role: 'cell' },
        folded(`${counted(count)} of kernel text`, step.lines, step.linesLeftOut, 'the trace'))));
    }
    const present = rows.filter(Boolean);
    present[0].prepend(stepHead({ ...step, rows: step.rows ?? [] }, number, present.length));
    body.append(...present);
    return body;
  }

  function stepTable(steps) {
    const titles = [['Step', 'at-step'], ['Observed', 'at-observed'], ['Allowed', 'at-allowed'], ['Rule', '']];
    const head = make('thead', { role: 'rowgroup' }, make('tr', { role: 'row' },
      ...titles.map(([title, column]) => make('th', { scope: 'col', role: 'columnheader', class: column }, title))));
    return make('table', { class: 'steps', role: 'table' }, head, ...steps.map((step, index) => stepBody(step, index + 1)));
  }

  function fill(details) {
    if (details.dataset.filled) return;
    details.dataset.filled = 'yes';
    const data = JSON.parse(details.querySelector('script').textContent);
    const body = details.querySelector('.body');
    if (data.steps?.length) body.append(stepTable(data.steps));
    if (data.endLines) body.append(folded('What the agent said at the end', data.endLines));
    if (data.console) {
      const before = data.consoleLeftOut ? [`… ${data.consoleLeftOut} earlier lines in console.log`] : [];
      body.append(folded(`Console of this program, ${counted(data.console.length + (data.consoleLeftOut ?? 0))}`, [...before, ...data.console]));
    }
  }

  async function copy(button) {
    const code = button.parentElement.querySelector('code');
    const status = button.parentElement.querySelector('.copied');
    try {
      await navigator.clipboard.writeText(code.textContent);
      status.textContent = 'Copied';
    } catch {
      getSelection().selectAllChildren(code);
      status.textContent = 'Selected: copy it with the keyboard';
    }
  }

  const list = document.querySelector('.programs');
  const items = [...list.children];
  const filters = document.getElementById('filters');
  const empty = make('p', { class: 'empty', hidden: '' }, 'No program fits this filter.');
  list.after(empty);

  function filter() {
    const { show, device, text } = filters.elements;
    const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const item of items) {
      const fits = (show.value === 'all' || item.dataset.kind === show.value)
        && (!device.value || item.dataset.device === device.value)
        && words.every((word) => item.dataset.text.includes(word));
      item.hidden = !fits;
      if (fits) shown++;
    }
    list.hidden = shown === 0;
    empty.hidden = shown !== 0;
    filters.querySelector('.shown').textContent = `${shown} of ${items.length}`;
  }

  function openTarget() {
    const item = /^#p\d+$/.test(location.hash) ? document.querySelector(location.hash) : null;
    if (!item) return;
    if (item.hidden) {
      filters.reset();
      filter();
    }
    const details = item.querySelector('details');
    fill(details);
    details.open = true;
    item.scrollIntoView();
    details.querySelector('summary').focus({ preventScroll: true });
  }

  list.addEventListener('toggle', (event) => {
    if (event.target.open && event.target.parentElement.parentElement === list) fill(event.target);
  }, true);
  list.addEventListener('click', (event) => {
    if (event.target.classList.contains('copy')) copy(event.target);
  });
  filters.addEventListener('input', filter);
  filters.addEventListener('submit', (event) => event.preventDefault());
  addEventListener('hashchange', openTarget);
  filters.hidden = false;
  filter();
  openTarget();
})();
