// Mutants that no test can kill, because the program does the same with them. Each with the reason; one that is no longer there fails.
export const EQUIVALENT = {};
