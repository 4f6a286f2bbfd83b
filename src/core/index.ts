/** Random keys, JSON of non-finite numbers, options, errors. */
export * from "./errors.js";
export * from "./json.js";
export * from "./moments.js";
export * from "./options.js";
export * from "./random.js";
export * from "./safetensors.js";
export * from "./shape.js";
