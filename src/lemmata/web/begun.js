// Solves that this browser has begun and not seen the end of, by the place of their question: after a
// stop, a cut or a reload they can be gone on with.

const NAME = "begun";
const MOST = 50;

const all = () => JSON.parse(localStorage.getItem(NAME) ?? "[]");
const keep = (entries) => localStorage.setItem(NAME, JSON.stringify(entries.slice(-MOST)));
const others = (conversation, place) => all().filter((one) => one.conversation !== conversation || one.place !== place);

export const remember = (conversation, place, id) => keep([...others(conversation, place), { conversation, place, id }]);
export const forget = (conversation, place) => keep(others(conversation, place));

/** @returns {string|undefined} the solve's id */
export const recall = (conversation, place) => all().find((one) => one.conversation === conversation && one.place === place)?.id;
