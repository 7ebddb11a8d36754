// The version, put in at build time.

declare const SEQRUN_VERSION: string | undefined;

/** From package.json when built; run from source it says so. */
export const version: string = typeof SEQRUN_VERSION === 'string' ? SEQRUN_VERSION : '0.0.0-source';
