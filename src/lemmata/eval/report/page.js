'use strict';
// Everything from the run reaches the page through text nodes: nothing here parses HTML.
const data = JSON.parse(document.getElementById('data').textContent);
const results = data.results;
const cells = results.cells;
const AXES = ['role', 'language', 'policy', 'adapter', 'strategy'];
const WORDS = {
  en: {
    accuracy: 'Accuracy', cell: 'Asked as', interval: '95 % interval', items: 'Problems', attempts: 'attempts',
    results: 'Results', tokensRight: 'Tokens per right answer', secondsRight: 'Seconds per right answer',
    truncated: 'Cut off', looped: 'In a loop', wrongSteps: 'Wrong steps', sameLanguage: 'In the question’s language',
    undecided: 'Undecided', contrasts: 'Paired comparisons', better: 'P(better)', difference: 'Difference',
    each: 'Every problem', show: 'Show', all: 'all', right: 'right', mixed: 'mixed', wrong: 'wrong',
    votes: 'More attempts', passAt: 'pass@k: one of k is right', consAt: 'cons@k: the majority of k is right',
    lengths: 'Tokens of an answer', gold: 'Gold answer', problem: 'Problem', attempt: number => `Attempt ${number}`, answer: 'answer',
    close: 'Close', previous: '← Previous', next: 'Next →', tokens: 'tokens', seconds: 's', firstWrong: 'first wrong step',
    incomplete: 'This run is not complete: what follows is what has been answered so far.',
    left: 'rows were left out as unusable', how: 'Click a square for the problem and what was written.',
    note: 'Intervals are posterior: the shortest that hold 95 %, with problems of one group taken together. '
      + 'A difference is measured on the same problems; P(better) is the probability that it is above zero.',
    none: 'no answer', model: 'Model', greedy: 'greedy', good: 'right', bad: 'not right', temperature: 'temperature', seed: 'seed', most: number => `${number} tokens at most`,
  },
  zh: {
    accuracy: '正确率', cell: '提问方式', interval: '95% 区间', items: '题数', attempts: '次作答',
    results: '结果', tokensRight: '每答对一题的 token 数', secondsRight: '每答对一题的秒数',
    truncated: '被截断', looped: '陷入循环', wrongSteps: '错误步骤', sameLanguage: '与题目同语言',
    undecided: '无法判定', contrasts: '配对比较', better: '更好的概率', difference: '差值',
    each: '逐题查看', show: '显示', all: '全部', right: '全对', mixed: '有对有错', wrong: '全错',
    votes: '多次作答', passAt: 'pass@k：k 次中至少一次正确', consAt: 'cons@k：k 次的多数答案正确',
    lengths: '单次作答的 token 数', gold: '标准答案', problem: '题目', attempt: number => `第 ${number} 次`, answer: '答案',
    close: '关闭', previous: '← 上一题', next: '下一题 →', tokens: 'token', seconds: '秒', firstWrong: '第一个错误步骤',
    incomplete: '本次评测尚未完成，以下是目前已作答的部分。',
    left: '行数据无法使用，已略去', how: '点击方块查看题目和模型的作答。',
    note: '区间为后验区间，取包含 95% 概率的最短区间，同组题目合并计算。差值在相同题目上计算；“更好的概率”指差值大于零的概率。',
    none: '没有答案', model: '模型', greedy: '贪心解码', good: '正确', bad: '未答对', temperature: '温度', seed: '随机种子', most: number => `最多 ${number} token`,
  },
};
let language = (navigator.language || 'en').startsWith('zh') ? 'zh' : 'en';
let shown = 'all';
const t = key => WORDS[language][key];
const SVG = 'http://www.w3.org/2000/svg';

function make(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith('on')) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value);
  }
  node.append(...children.filter(child => child !== null));
  return node;
}
function draw(name, attributes = {}, text = '') {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (text) node.textContent = text;
  return node;
}
const percent = share => `${(100 * share).toFixed(1)} %`;
const amount = value => value === null ? '∞' : value >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(3);
const range = (interval, form) => `${form(interval.low)} – ${form(interval.high)}`;
const varying = AXES.filter(axis => new Set(cells.map(each => each.cell[axis])).size > 1);
const nameOf = cell => (varying.length ? varying : ['adapter']).map(axis => cell[axis]).join(' · ');

function interval(value, form = percent) {
  if (value === null) return make('td', {class: 'number'}, '–');
  return make('td', {class: 'number'}, form(value.value), make('span', {class: 'range'}, range(value, form)));
}
function section(title, ...children) {
  return make('section', {}, make('h2', {}, title), ...children);
}

// Horizontal intervals, one a row; `zero` marks no difference.
function forest(rows, low, high, zero) {
  const left = 270, width = 1000, row = 34, height = rows.length * row + 30;
  const x = value => left + (value - low) / (high - low) * (width - left - 120);
  const svg = draw('svg', {viewBox: `0 0 ${width} ${height}`, role: 'img', class: 'forest'});
  for (let tick = low; tick <= high + 1e-9; tick += (high - low) / 4) {
    const dashed = zero && Math.abs(tick) < 1e-9;
    svg.append(draw('line', {x1: x(tick), x2: x(tick), y1: 4, y2: height - 24, class: dashed ? 'zero' : 'grid'}));
    svg.append(draw('text', {x: x(tick), y: height - 6, 'text-anchor': 'middle', class: 'soft'}, `${Math.round(100 * tick)} %`));
  }
  rows.forEach(({label, value, note}, number) => {
    const y = number * row + 20;
    const short = label.length > 38 ? `${label.slice(0, 37)}…` : label;
    svg.append(draw('text', {x: left - 14, y: y + 4, 'text-anchor': 'end'}, short));
    svg.append(draw('line', {x1: x(value.low), x2: x(value.high), y1: y, y2: y, class: 'bar'}));
    svg.append(draw('circle', {cx: x(value.value), cy: y, r: 6, class: 'dot'}));
    svg.append(draw('text', {x: width - 108, y: y + 4}, note));
  });
  return make('div', {class: 'scroll'}, svg);
}

// Lines over k on a logarithmic axis, one a cell.
const COLOURS = ['#2f78c4', '#d8742a', '#2a9d74', '#a34fb0', '#b8912a', '#cf4b63', '#5a6ad0', '#6d8f2c'];
function lines(title, key) {
  const all = cells.filter(each => Object.keys(each[key]).length > 1);
  if (!all.length) return null;
  const most = Math.max(...all.flatMap(each => Object.keys(each[key]).map(Number)));
  const svg = draw('svg', {viewBox: '0 0 460 250', role: 'img'});
  const x = k => 44 + Math.log2(k) / Math.max(1, Math.log2(most)) * 395;
  const y = share => 218 - share * 205;
  for (const tick of [0, .25, .5, .75, 1]) {
    svg.append(draw('line', {x1: 44, x2: 440, y1: y(tick), y2: y(tick), class: 'grid'}));
    svg.append(draw('text', {x: 38, y: y(tick) + 4, 'text-anchor': 'end', class: 'soft'}, `${100 * tick}`));
  }
  for (let k = 1; k <= most; k *= 2) svg.append(draw('text', {x: x(k), y: 240, 'text-anchor': 'middle', class: 'soft'}, String(k)));
  all.forEach((each, number) => {
    const points = Object.entries(each[key]).map(([k, value]) => `${x(Number(k))},${y(value.value)}`);
    svg.append(draw('polyline', {points: points.join(' '), fill: 'none', stroke: COLOURS[number % 8], 'stroke-width': 2.5}));
    for (const [k, value] of Object.entries(each[key])) {
      const dot = draw('circle', {cx: x(Number(k)), cy: y(value.value), r: 4, fill: COLOURS[number % 8]});
      dot.append(draw('title', {}, `${nameOf(each.cell)}, k = ${k}: ${percent(value.value)} (${range(value, percent)})`));
      svg.append(dot);
    }
  });
  const keys = all.map((each, number) => make('span', {}, colourKey(COLOURS[number % 8]), nameOf(each.cell)));
  return make('div', {}, make('p', {class: 'small'}, title), svg, make('p', {class: 'small soft'}, ...keys));
}
function colourKey(colour) {
  const key = make('span', {class: 'key'});
  key.style.background = colour;
  return key;
}

// How long answers are, right ones and others apart.
function lengths() {
  const rows = data.attempts.flatMap(cell => Object.values(cell).flat());
  const most = Math.max(1, ...rows.map(row => row[4]));
  const bins = Array.from({length: 24}, () => [0, 0]);
  for (const row of rows) bins[Math.min(23, Math.floor(24 * row[4] / (most + 1)))][row[0] === 'correct' ? 0 : 1]++;
  const top = Math.max(1, ...bins.map(([right, wrong]) => right + wrong));
  const svg = draw('svg', {viewBox: '0 0 460 250', role: 'img'});
  bins.forEach(([right, wrong], number) => {
    const x = 30 + number * 17.2, unit = 200 / top;
    svg.append(draw('rect', {x, width: 15, y: 215 - right * unit, height: right * unit, style: 'fill: var(--right)'}));
    svg.append(draw('rect', {x, width: 15, y: 215 - (right + wrong) * unit, height: wrong * unit, style: 'fill: var(--wrong)'}));
  });
  svg.append(draw('line', {x1: 30, x2: 443, y1: 215, y2: 215, class: 'grid'}));
  svg.append(draw('text', {x: 30, y: 236, class: 'soft'}, '0'));
  svg.append(draw('text', {x: 443, y: 236, 'text-anchor': 'end', class: 'soft'}, `${most} ${t('tokens')}`));
  return make('div', {}, make('p', {class: 'small'}, t('lengths')), svg,
    make('p', {class: 'small soft'}, colourKey('var(--right)'), t('good'), colourKey('var(--wrong)'), t('bad')));
}

function head() {
  const sampling = results.sampling;
  const how = sampling.temperature === 0 ? t('greedy')
    : `${t('temperature')} ${sampling.temperature}, top_p ${sampling.top_p}, k = ${results.k}`;
  const limit = sampling.max_tokens === null ? '' : `, ${t('most')(sampling.max_tokens)}`;
  const weights = results.model.weights ? ` (${results.model.weights.slice(0, 12)})` : '';
  const title = make('div', {}, make('h1', {}, results.title),
    make('p', {class: 'soft'}, `${t('model')} ${results.model.name}${weights} · ${how}${limit}, ${t('seed')} ${sampling.seed}`));
  const toggle = make('button', {onclick: () => { language = language === 'en' ? 'zh' : 'en'; render(); }},
    language === 'en' ? '中文' : 'English');
  return make('header', {}, title, toggle);
}
function warnings() {
  const told = [];
  if (!results.complete) told.push(t('incomplete'));
  if (results.refused.length) told.push(`${results.refused.length} ${t('left')}: ${results.refused[0].place}: ${results.refused[0].why}`);
  return told.length ? make('section', {class: 'warning'}, ...told.map(text => make('p', {}, text))) : null;
}
function summary() {
  const columns = [t('cell'), t('items'), t('accuracy'), t('tokensRight'), t('secondsRight'), t('truncated'),
    t('looped'), t('wrongSteps'), t('sameLanguage')];
  const rows = cells.map(each => make('tr', {}, make('td', {}, nameOf(each.cell)),
    make('td', {class: 'number'}, `${each.items}`, make('span', {class: 'range'}, `${each.attempts} ${t('attempts')}`)),
    interval(each.accuracy), interval(each.tokens_per_right, amount), interval(each.seconds_per_right, amount),
    interval(each.truncated), interval(each.looped), interval(each.wrong_steps), interval(each.same_language)));
  const heads = columns.map((title, number) => make('th', {class: number ? 'number' : ''}, title));
  return make('div', {class: 'scroll'}, make('table', {}, make('thead', {}, make('tr', {}, ...heads)), make('tbody', {}, ...rows)));
}
function comparisons() {
  if (!results.contrasts.length) return null;
  const rows = results.contrasts.map(each => {
    const where = varying.filter(axis => axis !== each.axis).map(axis => each.at[axis]).join(' · ');
    return {label: `${each.b} − ${each.a}${where ? ` (${where})` : ''}`, value: each.difference,
      note: `P = ${each.p_better.toFixed(3)}`};
  });
  const widest = Math.max(...rows.flatMap(({value}) => [Math.abs(value.low), Math.abs(value.high)]));
  const bound = [.1, .2, .4, .6, .8, 1].find(each => each >= widest) || 1;
  return section(t('contrasts'), forest(rows, -bound, bound, true), make('p', {class: 'soft small'}, t('note')));
}

const grade = rows => rows.every(row => row[0] === 'correct') ? 'right'
  : rows.some(row => row[0] === 'correct') ? 'mixed' : 'wrong';
function square(cell, id, rows) {
  const right = rows.filter(row => row[0] === 'correct').length;
  const node = make('button', {class: 'square', title: `${id}: ${right}/${rows.length}`, 'aria-label': `${id}: ${right}/${rows.length}`,
    onclick: () => open(cell, id)});
  const share = Math.round(100 * right / rows.length);
  node.style.background = `color-mix(in oklab, var(--right) ${share}%, var(--wrong))`;
  return node;
}
const visible = cell => data.problems.filter(({id}) => data.attempts[cell][id]
  && (shown === 'all' || grade(data.attempts[cell][id]) === shown));
function problems() {
  const chips = ['all', 'right', 'mixed', 'wrong'].map(kind => make('button',
    {'aria-pressed': String(kind === shown), onclick: () => { shown = kind; render(); }}, t(kind)));
  const map = make('div', {class: 'map'});
  cells.forEach((each, cell) => {
    map.append(make('div', {class: 'small'}, nameOf(each.cell)),
      make('div', {class: 'squares'}, ...visible(cell).map(({id}) => square(cell, id, data.attempts[cell][id]))));
  });
  return section(t('each'), make('div', {class: 'chips'}, ...chips), map, make('p', {class: 'soft small'}, t('how')));
}

function attempt(row, number) {
  const [state, answer, reason, text, tokens, seconds, end, wrong] = row;
  const facts = [`${t('answer')}: ${answer || t('none')}`, reason, `${tokens} ${t('tokens')}`, `${seconds} ${t('seconds')}`, end]
    .filter(Boolean).join(' · ');
  return make('div', {}, make('p', {}, make('span', {class: `tag ${state}`}, t('attempt')(number + 1)), ` ${facts}`),
    wrong ? make('p', {class: 'small'}, `${t('firstWrong')}: ${wrong}`) : null, make('pre', {}, text));
}
function open(cell, id) {
  document.querySelector('dialog')?.remove();
  const problem = data.problems.find(each => each.id === id);
  const order = visible(cell).map(each => each.id);
  const at = order.indexOf(id);
  const step = by => () => { if (order[at + by]) open(cell, order[at + by]); };
  const bar = make('header', {}, make('h2', {}, `${id} · ${nameOf(cells[cell].cell)}`), make('div', {class: 'chips'},
    make('button', {onclick: step(-1)}, t('previous')), make('button', {onclick: step(1)}, t('next')),
    make('button', {onclick: () => dialog.close()}, t('close'))));
  const sheet = make('div', {class: 'sheet'}, bar, make('p', {class: 'soft'}, t('problem')), make('pre', {}, problem.text),
    make('p', {class: 'soft'}, t('gold')), make('pre', {}, problem.gold), ...data.attempts[cell][id].map(attempt));
  const dialog = make('dialog', {onclose: () => dialog.remove(),
    onclick: event => { if (event.target === dialog) dialog.close(); },
    onkeydown: event => { if (event.key === 'ArrowLeft') step(-1)(); if (event.key === 'ArrowRight') step(1)(); }}, sheet);
  document.body.append(dialog);
  dialog.showModal();
}

function render() {
  document.documentElement.lang = language;
  document.title = results.title;
  const rows = cells.map(each => ({label: nameOf(each.cell), value: each.accuracy, note: percent(each.accuracy.value)}));
  const plots = [lines(t('passAt'), 'pass_at'), lines(t('consAt'), 'cons_at'), lengths()].filter(Boolean);
  document.getElementById('main').replaceChildren(...[head(), warnings(),
    section(t('accuracy'), forest(rows, 0, 1, false)), comparisons(), section(t('results'), summary()),
    section(t(plots.length > 1 ? 'votes' : 'lengths'), make('div', {class: 'plots'}, ...plots)), problems()].filter(Boolean));
}
render();
