import { credentialsAreThere } from '../credentials.ts'
import { parseSettings, type Settings } from '../settings.ts'

/** The settings of a command that connects; throws when they, or the credentials that they ask for, are at fault. */
export async function chosenBackend(): Promise<Settings> {
  const settings = parseSettings()
  await credentialsAreThere(settings)
  return settings
}
