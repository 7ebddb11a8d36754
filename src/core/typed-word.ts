// A flag of an earlier call, kept so that the next one can mean the same.

/** A flag and its value as they would be typed; null = a switch that is on. */
export interface TypedWord {
  /** Without dashes. */
  flag: string;
  value: string | null;
}
