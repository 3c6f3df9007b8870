import type { Implementation } from '../contract.ts'
import type { bigqueryContract } from './index.ts'

export const embedded: Implementation<typeof bigqueryContract> = {
  name: 'embedded',
  diverges: {},
  lacks: {},
}
