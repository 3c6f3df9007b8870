export {
  alreadyExists,
  type Code,
  type ErrorOptions,
  invalidArgument,
  notFound,
  ServiceError,
  toServiceError,
  unimplemented,
  wire,
} from './errors.ts'
export { type Fault, type FaultPlan, faultInterceptor } from './faults.ts'
export { forward } from './forward.ts'
export { addService, bytesField, DECODING, loadPackages, type Packages, stream, unary } from './grpc.ts'
export { errorBody, jsonApi, toHttpError } from './http.ts'
export { type Listening, type ListenOptions, listen } from './listen.ts'
export { camelCase, lowerFirst, snakeCase } from './names.ts'
export { type PageRequest, page } from './paging.ts'
