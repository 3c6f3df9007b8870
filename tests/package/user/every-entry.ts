export type * as emulators from 'sluice/emulators'
export type * as pipeline from 'sluice/pipeline'
export type * as msw from 'sluice/testing/msw'
