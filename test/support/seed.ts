/**
 * Loaded before each test file by `npm test`. Samples are new in each run; in CI they are the same,
 * so that a change is judged by what it does and not by luck. FC_SEED=N repeats a run's samples.
 */
import fc from 'fast-check';

if (process.env.CI && process.env.FC_SEED === undefined) process.env.FC_SEED = '20240101';
if (process.env.FC_SEED !== undefined) fc.configureGlobal({ seed: Number(process.env.FC_SEED) });
