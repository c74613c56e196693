/** Does it several times: one after the other, or all at once. */
export async function repeat<T>(times: number, concurrent: boolean, action: () => Promise<T>): Promise<T[]> {
  if (concurrent) return Promise.all(Array.from({ length: times }, action));
  const results: T[] = [];
  for (let time = 0; time < times; time += 1) results.push(await action());
  return results;
}
