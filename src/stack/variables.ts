import type { Emulators } from '../../emulators/index.ts'

const address = ({ host, port }: { readonly host: string; readonly port: number }) => `${host}:${port}`

/** The environment of whoever is to use these emulators. */
export const variablesOf = ({ pubsub, storage, bigquery }: Pick<Emulators, 'pubsub' | 'storage' | 'bigquery'>) => ({
  PUBSUB_EMULATOR_HOST: address(pubsub),
  STORAGE_EMULATOR_HOST: address(storage),
  BIGQUERY_EMULATOR_HOST: address(bigquery),
})

export type Variables = ReturnType<typeof variablesOf>
