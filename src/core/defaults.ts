// Every number seqrun assumes when nobody says otherwise, each with its unit in the name and its reason.

export const defaults = {
  // --- Settings a user can change (flag of the same name) ---

  /** Agent starts that count in one run: enough for a long spec, small enough that a loop gone wrong ends by morning. */
  maxIterations: 50,
  /** Pause between two starts: lets a provider's per-minute counters breathe. 15 s is kinder on a small plan. */
  delayMs: 5_000,
  /** Finished windows left open to look at; more make `tmux list-windows` unreadable. */
  keepWindows: 10,
  /** A whole start. The longest honest units seen take about an hour. */
  timeoutMs: 2 * 60 * 60_000,
  /** Neither a byte of output nor CPU time used by the tree. Builds and model thinking show one of the two far sooner. */
  stallTimeoutMs: 30 * 60_000,
  /** Fresh tries of a unit that broke. A third failure in a row is rarely bad luck. */
  maxAttempts: 3,
  /** Further turns of a unit that worked but is unfinished. */
  maxFollowUps: 3,
  onFail: 'stop',
  onMissingSignal: 'follow-up',
  granularity: 'group',
  /** Only a person knows whether the file's priorities still hold. */
  order: 'id',
  /** Nobody is there to be asked, and nobody said that anything goes. */
  agentMode: 'safe',
  /** One question about all units costs less than one per unit. */
  assign: 'all',
  /** Agent name given to OpenCode for the assignment question. */
  assignOpencodeAgent: 'gawain',
  /** Waited beyond a limit's stated reset: clocks differ, and a start a second too early costs another limited start. */
  limitMarginMs: 60_000,

  // --- Waiting before another try ---

  /** First wait after a failure when the delay is shorter. */
  backoffMinMs: 1_000,
  /** Doubling stops here: longer waits waste the night without helping. */
  backoffMaxMs: 10 * 60_000,
  /** A provider that says it is overloaded is not asked again sooner than this. */
  overloadedBackoffMs: 60_000,
  /** Limited without a reset time: first guess, doubled each time … */
  limitUnknownMinMs: 5 * 60_000,
  /** … up to this. Windows are hours long, so asking hourly loses little. */
  limitUnknownMaxMs: 60 * 60_000,
  /** From this many limited starts in a row during which nothing was done … */
  limitedInRowLong: 3,
  /** … the wait is at least this long, whatever reset was stated: the stated one has been wrong twice. */
  limitedLongMs: 60 * 60_000,
  /** This many limited starts in a row without any work end the run: half a day of nothing needs a person. */
  limitedInRowMax: 12,
  /** So many in a row end it even when each did a little work: nothing comes to an end that way. */
  limitedInAllMax: 50,
  /** A stated reset further away ends the run: the longest windows are a week. */
  limitWaitMaxMs: 8 * 24 * 60 * 60_000,

  // --- Gates ---

  /** A gate without a time of its own. The slowest honest test suites seen take about twenty minutes. */
  gateTimeoutMs: 30 * 60_000,
  /** Characters of a failed gate's output that the agent is told: its end says what failed, and every one of them costs tokens. */
  gateOutputMax: 6_000,
  /** What was red before is told, and has to be green like anything else: agents mend most of it on the way. */
  baseline: 'require',
  /** A look at the working tree costs about 10 ms; a person does not type between two starts that are closer than this. */
  treeFreshMs: 100,
  /** Starts in a row of one unit that changed nothing in the working tree, after which another one is not worth its price. */
  idleMax: 3,

  // --- Bounds of counters that only the world's faults raise ---

  /** Times a unit is continued after it was cut off by a crash or a lost machine. */
  interruptedMax: 5,
  /** Times a start of a unit may fail to begin at all. */
  lostMax: 5,
  /** Times an agent may refuse to go on in a session of one unit; from the first on the unit's later cuts start afresh. */
  refusedMax: 3,

  // --- Processes and clocks ---

  /** Between TERM and KILL: agents save their session on TERM, which takes under a second. */
  killGraceMs: 5_000,
  /** CPU time below this share of one core is no sign of life: agents that only wait for a server use about 2 %. */
  stallCpuShare: 0.1,
  /**
   * An agent whose last word is that it now sits in a limit is ended after so long without a byte. A throttle of seconds is over
   * by then and tells so; what lasts longer lasts hours, and waiting is cheaper with the agent ended. CPU time is no sign here.
   */
  silentWaitMs: 2 * 60_000,
  /** The share is taken over this span. */
  stallSpanMs: 60_000,
  /** How often a running start is looked at (exit file, pid, pane), beside file events. */
  checkEveryMs: 1_000,
  /** Wall and monotonic clock may differ by this much between two looks before it counts as a suspended machine. */
  clockGapMs: 10_000,
  /** Assignment is one question with one answer. */
  assignTimeoutMs: 3 * 60_000,

  // --- The hand-off ---

  /** Units per list in the progress file, which gets one at every end of a run: a spec of hundreds would fill it with what it has said before. */
  handoffUnitsMax: 60,
  /** The end of a failed gate's output: enough to see which test it was. */
  handoffOutputLines: 10,
  /** Characters of each of these lines. */
  handoffOutputWidth: 200,

  // --- Input ---

  /** A task file larger than this is a mistake: real ones stay under 100 kB. 5 MB. */
  specBytesMax: 5 * 1024 * 1024,
  /** Checkpoints of each kind that stay: a night's last units, and what a person saves on a day. Each has a few KB. */
  checkpointsKept: 10,
  /** Units whose starts came last keep their trees under refs, whether a checkpoint names them or not. */
  unitsWithTrees: 10,
} as const;
