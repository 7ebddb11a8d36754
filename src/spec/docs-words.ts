// Whether a task changes documentation and nothing else. In doubt it does not: it may hold code that wants tests.

const WORK = `(?:update|write|create|add|improve|expand|extend|revise|complete|finali[sz]e|translate|polish|refresh|proofread|draft|restructure)`;
const FILE = String.raw`(?:README|CHANGELOG|CONTRIBUTING|\x60[^\x60]+\.(?:mdx?|rst|adoc)\x60|\S+\.(?:mdx?|rst|adoc))(?![\w/])`;
const KIND = String.raw`(?:(?:project|user|user-facing|developer|API|setup|installation|deployment|usage|troubleshooting|migration|maintenance|operations?|architecture|reference|supporting|comprehensive|detailed|technical|end-user|admin|workflow|configuration)\s+)`;
const PAPER = `(?:documentation|docs|(?:user|developer|migration|installation|deployment|setup|troubleshooting|style|quick[ -]?start|contribution|operations) guides?|user manual|release notes|changelog)`;

/** Not `documentation references to error messages`, not `docs page`. */
const ENDS = String.raw`(?=\s*(?:$|[,:;.(/&–—-]|(?:for|in|to|with|about|and|or|on|of|around|covering|from|at|links?|index|as|explaining|describing)\b))`;

/** `Update README.md`, `Write API documentation`, `Add troubleshooting section to documentation`. */
const CHANGES_PAPER = new RegExp(
  String.raw`^${WORK}\s+(?:(?:the|a|an|main|root|all|existing)\s+)*(?:${KIND}*${PAPER}${ENDS}|${FILE})`,
  'i',
);
const SECTION_OF_PAPER = new RegExp(
  String.raw`^${WORK}\s+.{0,60}\bsections?\s+(?:to|of|in)\s+(?:(?:the|main|root)\s+)*(?:${KIND}*${PAPER}\b|${FILE})`,
  'i',
);
/** `Document` may be a noun (`Document model`): only what is plainly told about counts. */
const DOCUMENTS =
  /^document\s+(?:(?:the|all|any|known|common|recommended)\s+)*(?:(?:[a-z-]+\s+){0,2})(?:workflows?|procedures?|limitations?|trade-?offs?|conventions?|decisions?|setup|installation|deployment|troubleshooting|steps|guidelines|prerequisites|usage|restrictions)\b/i;
const BARE = /^(?:project |final |user )?documentation(?: updates?| finali[sz]ation)?$/i;

/** Words of code, or of paper that is made from code. */
const CODE =
  /\b(?:code|implement\w*|tests?|testing|scripts?|generat\w*|render\w*|components?|hooks?|handlers?|page|pages|panel|ui|comments?|docstrings?|js-?doc|ts-?doc|inline|swagger|open-?api|storybook|validat\w*|refactor\w*|fix\w*|endpoints?|templates?|structure|automation|version|build|ci|linter|tooltips?|in-app|help text|examples? app)\b/i;
/** Text that programs or agents are driven by. */
const DRIVES =
  /(?:^|[\s`/])\.?(?:templates?|commands?|steering|prompts?|skills?|agents?|rules|specs?|workflows?|\.[a-z]+)\/\S|\b(?:CLAUDE|AGENTS|GEMINI|SKILL|spec|proposal|tasks|plan|design|requirements)\.md\b/i;
/** More than one thing is done, and the other one is not about text for people. */
const AND_MORE =
  /\band\s+(?:add|create|update|remove|rename|wire|move|set|write|configure|delete|replace|bump|publish)\b(?!.*(?:doc|readme|guide|changelog|section|notes|example|link|\.md))/i;
/** A file of another kind than text for people. */
const OTHER_FILE =
  /[\w)\]*]\.(?!(?:mdx?|rst|adoc|txt|png|svg|io|com|org|dev|js\b(?=\s))\b)[a-z]{1,5}\d?(?=[`\s,;:)]|$)/i;
const CODE_WORK =
  /^\W*(?:implement|refactor|fix|build)\b|\b(?:docstrings?|js-?doc|ts-?doc|swagger|open-?api|code comments?|inline comments?|unit tests?|type hints?)\b/i;

/** By its title, with nothing in the lines below (`lines`, those in fences left out) that speaks of code. */
export const changesDocsOnly = (written: string, lines: readonly string[]): boolean => {
  // The forms are not linear, and so long a title is about more.
  if (written.length > 300) return false;
  const title = written
    .replace(/^(?:\[[^\]]{0,20}\]\s*)+/, '')
    .replace(/[*~]+/g, '')
    .replace(/[\s✅✓.]+$/u, '')
    .trim();
  const isPaper = [CHANGES_PAPER, SECTION_OF_PAPER, DOCUMENTS, BARE].some(form => form.test(title));
  if (!isPaper || CODE.test(title.replace(new RegExp(FILE, 'gi'), '')) || OTHER_FILE.test(title)) return false;
  if (DRIVES.test(title) || AND_MORE.test(title)) return false;
  return lines.map(line => line.slice(0, LONGEST)).every(line => !CODE_WORK.test(line) && !OTHER_FILE.test(line));
};

/** Of a line that is looked at, in characters. */
const LONGEST = 2000;
