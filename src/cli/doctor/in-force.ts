import type { SettingInForce } from '../../settings.ts'
import type { Group } from './check.ts'

/** They were parsed, so none of them is at fault. */
export const settingsGroup = (inForce: readonly SettingInForce[]): Group => ({
  title: 'Settings',
  checks: inForce.map(({ variable, value, from }) => ({
    name: variable,
    run: () => ({ status: 'well', detail: from === 'not set' ? from : `${value} (${from})` }),
  })),
})
