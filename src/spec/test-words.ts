// What the words of a task say of tests: that a new one must fail, that those there are must pass, that it only checks.

/** What a task expects of the tests when it is done, or null. */
export type Expected = 'red' | 'green' | null;

/** What the text below a title says of tests, the title not considered. */
export interface TestTalk {
  /** A test must fail before something is mended. */
  fails: boolean;
  /** Tests must pass when the task is done; not those that pass before anything is mended. */
  passes: boolean;
  /** Something is to be built or mended, too. */
  builds: boolean;
}

const UNFIXED = String.raw`(?:un-?fixed|un-?patched|buggy)\b`;
const TESTS = String.raw`\btests?(?: cases?)?\b`;

/** `This test MUST FAIL on unfixed code`, `Expected outcome: Tests FAIL`, `(test must fail initially)`, `tests fail before the fix`. */
const FAILS = [
  new RegExp(
    String.raw`\bfail(?:s|ing)?\b.{0,40}\b(?:on|against|with|in|for)\s+(?:(?:the|current)\s+)*${UNFIXED}`,
    'i',
  ),
  new RegExp(String.raw`\b(?:on|against|with)\s+(?:(?:the|current)\s+)*${UNFIXED}.{0,40}\bfails?\b`, 'i'),
  new RegExp(
    String.raw`\bexpect(?:ed)?(?:\s+(?:outcome|results?))?\s*:?\s+(?:(?:all|both|each|every|the|these|this|new|\d+)\s+)*${TESTS}\s+(?:(?:to|will|should|must|initially)\s+)*fails?\b(?!.*\b(?:if|when)\b)`,
    'i',
  ),
  new RegExp(
    String.raw`${TESTS}.{0,40}\bfails?\b.{0,25}\b(?:initially\b|at first\b|(?:before|until)\s+(?:(?:the|any|its)\s+)*(?:fix|implement|schema|code\b|changes?\b|pages?\b))`,
    'i',
  ),
];
const NOT_FAILS = /\b(?:not|never|no longer|without|nothing)\b.{0,12}\bfail|n['’]t\s+fail/i;

/** `Expected outcome: Tests PASS`, `Ensure all tests pass`, in some languages. */
const PASSES = [
  new RegExp(
    String.raw`\bexpected\s+(?:outcome|results?)\s*:?\s+(?:[\w-]+\s+){0,3}${TESTS}\s+(?:(?:to|will|should|must|now|still)\s+)*pass(?:es)?\b`,
    'i',
  ),
  new RegExp(
    String.raw`\b(?:verify|confirm|ensure|check|make sure|assert|validate)\b.{0,80}?${TESTS}.{0,30}\bpass(?:es|ing)?\b`,
    'i',
  ),
  /\btest[ei]?s?\s+(?:[\p{L}-]+\s+){0,3}passa(?:m|no)?\b|\b(?:tests|pruebas)\s+(?:[\p{L}-]+\s+){0,3}pas[ae]n\b/iu,
  /测试.{0,6}通过|測試.{0,6}通過|テスト.{0,8}(?:通過|合格|パス|成功)|테스트.{0,8}통과|тест\p{L}*.{0,20}проход/u,
];
/** What passes before anything is mended says nothing of the end. */
const BEFORE = new RegExp(String.raw`\b${UNFIXED}|\bbaseline\b|\bbefore\s+(?:the\s+)?(?:fix|implement)`, 'i');

const BUILDS = /^\W*(?:(?:then|step \d+)\W+)?(?:implement|fix|build)\b|\bmake\b.{0,30}\bpass\b/i;

/** Cheap: most lines speak of no test. */
const MAY_SPEAK = /fail|pass|implement|fix|build|通过|通過|合格|パス|成功|통과|проход/i;

/** `lines` = the task's own, those in fences left out. */
export const readTestTalk = (lines: readonly string[]): TestTalk => {
  const talk: TestTalk = { fails: false, passes: false, builds: false };
  for (const line of lines) {
    if (!MAY_SPEAK.test(line)) continue;
    const text = plain(line);
    talk.builds ||= BUILDS.test(text);
    for (const sentence of sentencesOf(text)) {
      talk.fails ||= saysFails(sentence);
      talk.passes ||= saysPasses(sentence);
    }
  }
  return talk;
};

const saysFails = (sentence: string): boolean => FAILS.some(form => form.test(sentence)) && !NOT_FAILS.test(sentence);

const saysPasses = (sentence: string): boolean => PASSES.some(form => form.test(sentence)) && !BEFORE.test(sentence);

/** The title is about a test, or about showing a bug. */
const ABOUT_TESTS = /\b(?:tests?|testing|exploration|reproduc\w*|red phase)\b/i;
const WRITES_FAILING = /\b(?:write|add|create)\b(?:\s+\S+){0,2}?\s+failing\s+(?:\S+\s+){0,4}?tests?\b/i;
const RED_PHASE = /\bred[ -]phase\b|\(red\)/i;
/** Writing tests is its work; whether they pass then is not said by that. */
const WRITES = /^(?:write|add|create)\b/i;
const CHANGES_CODE =
  /^(?:implement|fix|build|refactor|apply|make|migrate|update|remove)\b|\band\s+(?:implement|fix|make|build)\b/i;
/** Only looks at tests that are there. */
const ONLY_LOOKS =
  /^(?:verify|confirm|ensure|check|make sure|validate|re-?run|(?:run|execute)\b(?=.*\b(?:tests?|suite|build|checks?)\b))\b/i;

/** What is expected of the tests at the end of a task with this title, and with this below it. */
export const expectedOf = (written: string, talk: TestTalk): Expected => {
  const title = titleText(written);
  const sentences = sentencesOf(title);
  if (isCheckpoint(written)) return talk.passes || sentences.some(saysPasses) ? 'green' : null;
  if (!CHANGES_CODE.test(title) && !talk.builds && ABOUT_TESTS.test(title)) {
    const said = WRITES_FAILING.test(title) || RED_PHASE.test(title) || sentences.some(saysFails);
    if (said) return 'red';
    if (talk.fails && !sentences.some(saysPasses)) return 'red';
  }
  if (BEFORE.test(title)) return null;
  if (saysPasses(title)) return 'green';
  if (/\bon\s+(?:the\s+)?fixed\s+code\b/i.test(title) && ABOUT_TESTS.test(title)) return 'green';
  return talk.passes && ONLY_LOOKS.test(title) && ABOUT_TESTS.test(title) && !WRITES.test(title) ? 'green' : null;
};

/** Words that a checkpoint is named with: `Final Phase 1 Checkpoint`. */
const NAMED =
  /^(?:(?:final|first|last|mid|phase|stage|wave|milestone|sprint|part|integration|validation|verification|quality|testing|backend|frontend|release|review|\d+)[ -]+){0,5}checkpoint(?:\s+(?:final|\d+))?\s*(?:$|[-–—:.(,|✅✓])\s*(.*)$/iu;
/** A program may have checkpoints of its own: `Checkpoint: save the model every hour`. */
const ITS_OWN = /^(?:implement|add|create|save|write|store|build|support|load|restore|persist)\b/i;
const ALL_PASS =
  /^(?:ensure|verify|confirm|check|make sure|validate)\s+(?:that\s+)?(?:all|the)\s+(?:[\w-]+\s+){0,2}tests\s+(?:(?:still|now)\s+)?(?:pass|are (?:passing|green))[\s.!✅]*$/i;

/** The task stops to look at what is there, as Kiro writes it (`Checkpoint - Ensure all tests pass`), or says just that. */
export const isCheckpoint = (written: string): boolean => {
  const title = titleText(written);
  const named = NAMED.exec(title);
  if (/^(?:最终|最終)?(?:检查点|檢查點|チェックポイント)(?:$|[\s–—:：-])/.test(title)) return true;
  return (named !== null && !ITS_OWN.test(named[1]!)) || ALL_PASS.test(title);
};

/** The title only has tests looked at that are there: nothing need be changed for it. */
export const onlyLooks = (written: string): boolean => ONLY_LOOKS.test(titleText(written));

/** What `Write tests` may go on with; behind other words (`Add test mode`, `Create test data`) no tests are written. */
const WRITES_TESTS =
  /^(?:write|add|create)\s+(?!.*\b(?:and|with|for)\b.*\btests?\b)(?:\S+\s+){0,5}?tests?(?:\s+(?:cases?|suites?|coverage))?(?=\s*(?:$|[-–—:.,;()[\]`"'✅])|\s+(?:for|of|on|in|to|at|that|which|where|when|with|without|against|before|covering|capturing|asserting|showing|using|as|from|per)\b)/i;
const CHANGES = String.raw`(?:implement|fix|build|mend|make|refactor|rewrite|rework|apply|migrate|update|change|replace|rename|move|remove|delete|add|create|develop|introduce|extend|integrate|wire|configure|improve|optimi[sz]e)\b`;
/** `Write tests, then refactor the cart`; not `(BEFORE implementing the fix)`. */
const AND_CHANGES = new RegExp(
  String.raw`(?:\b(?:and|then|plus)|[,;&+:]|\s[-–—]+)\s+(?:(?:then|also)\s+)?${CHANGES}`,
  'i',
);
/** Below a title `Add …` and `Create …` are mostly about the tests themselves. */
const CHANGES_BELOW =
  /^\W*(?:(?:then|also|step \d+)\W+)?(?:implement|fix|build|mend|refactor|rewrite|rework|migrate|develop|integrate|wire)\b/i;

/**
 * Tests are all that the task writes, as its title and `lines`, those in fences left out, have it. Only a title that begins so (`Write
 * preservation tests`) says it, and no more than that.
 */
export const onlyWrites = (written: string, lines: readonly string[]): boolean => {
  const title = titleText(written);
  if (!WRITES_TESTS.test(title) || CHANGES_CODE.test(title) || AND_CHANGES.test(title)) return false;
  return !lines.some(line => CHANGES_BELOW.test(plain(line)) || BUILDS.test(plain(line)));
};

/** Without marks in front (`[P] [US1]`) and decoration. */
const titleText = (title: string): string =>
  plain(title)
    .replace(/^(?:\[[^\]]{0,20}\]\s*)+/, '')
    .trim();

/** What is said of tests is said early; the forms above are not linear. */
const LONGEST = 600;

/** Without emphasis, list marker and code: names in it say nothing. */
const plain = (line: string): string =>
  line
    .slice(0, LONGEST)
    .replace(/`[^`]*`/g, '``')
    .replace(/[*_~]+/g, '')
    .replace(/^\s*(?:[-+>]\s+)?/, '');

const sentencesOf = (text: string): string[] => text.split(/(?<=[.!?])\s+|[;()]|\s[-–—]+\s/);
