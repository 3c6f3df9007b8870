import { test } from 'vitest'

/**
 * What a service promises its clients: sentences about what a client observes through Google's own client, each with
 * the test that holds it on a backend B. A contract is true of Google Cloud, and is run on everything that stands in
 * for it.
 */
export type Contract<B> = Readonly<Record<string, Clause<B>>>

/** A clause that cannot be tried on every backend says what it needs of one. */
export type Clause<B> = Holds<B> | { readonly needs: string; readonly holds: Holds<B> }
type Holds<B> = (backend: B) => Promise<void>

/** Something that stands in for Google Cloud, and where it is known not to keep the contract C: data, for docs too. */
export interface Implementation<C> {
  /** As a reader knows it, with its version. */
  readonly name: string
  /** Clauses that do not hold. They are run, and must fail. */
  readonly diverges: { readonly [sentence in keyof C]?: Divergence }
  /** What clauses may need that is not to be had here, and why. Those clauses are not run. */
  readonly lacks: Readonly<Record<string, string>>
}

/** What happens instead, and why. */
export type Divergence =
  | string
  /** `until` names the release whose notes say that it holds: then it may, since not everybody runs the same release. */
  | { readonly instead: string; readonly until: string }
  /** By chance it may hold, since two requests do not always meet. */
  | { readonly instead: string; readonly byChance: true }

/** A clause that diverges by waiting for ever is given up after this time. It is within vitest's own limit. */
const GIVE_UP_AFTER_MS = 15_000

/** Makes one test of each clause, on a backend of its own; one after the other, for `expect` to know whose it is. */
export function holdTo<B extends AsyncDisposable, C extends Contract<B>>(
  contract: C,
  { name, diverges, lacks }: Implementation<C>,
  start: () => Promise<B>,
): void {
  const known: Readonly<Record<string, Divergence | undefined>> = diverges
  const unknown = Object.keys(known).filter((sentence) => !(sentence in contract))
  if (unknown.length > 0) throw new Error(`${name} diverges from what is in no contract: ${unknown.join('; ')}`)
  for (const [sentence, clause] of Object.entries(contract)) {
    const { needs, holds } = typeof clause === 'function' ? { needs: undefined, holds: clause } : clause
    const run = needs !== undefined && needs in lacks ? test.skip : test
    run(`${name}: ${sentence}`, async () => {
      await using backend = await start()
      const divergence = known[sentence]
      if (divergence === undefined) return await holds(backend)
      if ((await succeeds(holds(backend))) && typeof divergence === 'string')
        throw new Error(`This holds now: take it off the list of divergences, which says “${divergence}”.`)
    })
  }
}

function succeeds(attempt: Promise<void>): Promise<boolean> {
  const { promise: givenUp, resolve } = Promise.withResolvers<boolean>()
  const timer = setTimeout(resolve, GIVE_UP_AFTER_MS, false)
  const outcome = attempt.then(
    () => true,
    () => false,
  )
  return Promise.race([outcome, givenUp]).finally(() => clearTimeout(timer))
}
