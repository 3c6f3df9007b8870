import { cloudEvent } from '@google-cloud/functions-framework'
import { parseSettings } from '../settings.ts'
import { FUNCTION_NAME, tableFunction } from './function.ts'

// What is deployed: `functions-framework --target=manageTable --source=src/tables/cloud.ts` loads this file.
cloudEvent(FUNCTION_NAME, tableFunction({ settings: parseSettings() }))
