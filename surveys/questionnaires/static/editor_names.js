// A question, or one of its options, is known by its code in many places of a document: conditions, who may answer,
// rates, lists taken from other questions, translations. When the code changes, or the question goes, they go along.

const isMap = (value) => value && typeof value === "object" && !Array.isArray(value);

// "q02", "q02.other", "q02.row": what begins with the old code gets the new one.
function moved(name, from, to) {
  if (name === from) return to;
  return typeof name === "string" && name.indexOf(from + ".") === 0 ? to + name.slice(from.length) : name;
}

// The names inside an amount; numbers and words of its own stay.
function inAmount(part, from, to) {
  if (Array.isArray(part)) return part.map((one) => inAmount(one, from, to));
  if (!isMap(part)) return moved(part, from, to);
  const word = Object.keys(part)[0], made = {};
  made[word] = inAmount(part[word], from, to);
  return made;
}

function inCondition(part, from, to, option) {
  if (!isMap(part)) return part;
  const word = Object.keys(part)[0], body = part[word], made = {};
  if (Array.isArray(body) && (word === "all" || word === "any")) made[word] = body.map((one) => inCondition(one, from, to, option));
  else if (word === "not") made[word] = inCondition(body, from, to, option);
  else if (word === "answered") made[word] = option ? body : moved(body, from, to);
  else if (Array.isArray(body)) {
    if (option) made[word] = body[0] === option ? [body[0], Array.isArray(body[1]) ? body[1].map((one) => (one === from ? to : one)) : body[1] === from ? to : body[1]] : body;
    else made[word] = [inAmount(body[0], from, to), body[1]];
  } else return part;
  return made;
}

function each(questions, work) {
  questions.forEach((question) => {
    work(question);
    each(question.questions || [], work);
  });
}

function everyCondition(document_, change) {
  document_.sections.forEach((section) => each(section.questions, (question) => {
    ["show_if", "require_if"].forEach((key) => { if (question[key]) question[key] = change(question[key]); });
    (question.options || []).forEach((one) => { if (one.show_if) one.show_if = change(one.show_if); });
  }));
}

function everyText(document_, change) {
  (document_.languages || []).forEach((language) => {
    const made = {};
    Object.keys(language.texts).forEach((address) => {
      const to = change(address);
      if (to) made[to] = language.texts[address];
    });
    language.texts = made;
  });
}

// `from` and `to` are whole codes (old.age inside a repeat).
export function rename(document_, from, to) {
  if (!from || !to || from === to) return;
  everyCondition(document_, (part) => inCondition(part, from, to));
  everyText(document_, (address) => {
    const slash = address.indexOf("/"), head = slash < 0 ? address : address.slice(0, slash);
    return slash < 0 ? address : moved(head, from, to) + address.slice(slash);
  });
  document_.sections.forEach((section) => each(section.questions, (question) => {
    ["rows_from", "at_most", "at_least"].forEach((key) => { if (question[key]) question[key] = moved(question[key], from, to); });
    if (question.options_from) question.options_from = question.options_from.map((one) => moved(one, from, to));
  }));
  Object.keys(document_.subjects || {}).forEach((subject) => { document_.subjects[subject] = document_.subjects[subject].map((one) => moved(one, from, to)); });
  saidOf(document_).forEach((said) => { said.question = moved(said.question, from, to); });
}

export function renameOption(document_, question, from, to) {
  if (!from || !to || from === to) return;
  everyCondition(document_, (part) => inCondition(part, from, to, question));
  everyText(document_, (address) => {
    const own = question + "/options/" + from, extra = question + "." + from + "/";
    if (address === own || address.indexOf(own + "/") === 0) return question + "/options/" + to + address.slice(own.length);
    return address.indexOf(extra) === 0 ? question + "." + to + "/" + address.slice(extra.length) : address;
  });
  saidOf(document_).filter((said) => said.question === question).forEach((said) => {
    if (said.option === from) said.option = to;
    ["options", "tenant"].forEach((key) => { if (said[key]) said[key] = said[key].map((one) => (one === from ? to : one)); });
  });
}

const saidOf = (document_) => [document_.speaks_as].concat(Object.keys(document_.rates || {}).map((name) => document_.rates[name])).filter(Boolean);

// A question that was taken away leaves nothing behind that would name it. Conditions that name it stay and are told as
// faults: what they should say now, only their author knows.
export function forgotten(document_, code) {
  everyText(document_, (address) => (address.indexOf(code + "/") === 0 || address.indexOf(code + ".") === 0 ? "" : address));
  Object.keys(document_.subjects || {}).forEach((subject) => {
    document_.subjects[subject] = document_.subjects[subject].filter((one) => one !== code && one.indexOf(code + ".") !== 0);
    if (!document_.subjects[subject].length) delete document_.subjects[subject];
  });
}
