/** The one import of TensorFlow.js: every other file reads it from here. */
export * from "@tensorflow/tfjs-core";
