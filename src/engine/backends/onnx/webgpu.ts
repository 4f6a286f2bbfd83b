import { dirname, join } from "node:path";
import { messageOf } from "../../../core/errors.js";
import type { NativeSession, Provider } from "./runtime.js";
import { loadLibrary } from "./shared-library.js";
import { tryOut } from "./trial.js";

/** ONNX Runtime's provider for any GPU, through Vulkan, Metal or Direct3D 12. */
export const webgpu: Provider = { name: "webgpu", threads: 1 };

/** The loader of Vulkan drivers, by the name that everybody asks for. */
const vulkan = "libvulkan.so.1";

/** The loader of the machine, else the one beside the driver that the user names. */
function loadVulkan(): boolean {
  const drivers = process.env["VK_DRIVER_FILES"] ?? process.env["VK_ICD_FILENAMES"] ?? "";
  const beside = drivers
    .split(":")
    .filter((file) => file !== "")
    .map((file) => join(dirname(file), vulkan));
  return [vulkan, ...beside].some((path) => loadLibrary(path) === undefined);
}

/** One line on what went wrong; ONNX Runtime's own lines start with places in its source. */
function reason(thrown: unknown): string {
  const said = messageOf(thrown).split("\n")[0]!;
  if (!/adapter/i.test(said)) return said;
  return "no GPU was found; it needs a driver for Vulkan, Metal or Direct3D 12, and VK_ICD_FILENAMES may name one";
}

/** What a machine lacks, or a session that holds the GPU. */
type Answer = { readonly missing: string } | { readonly holder: NativeSession };

function tried(): Answer {
  if (process.platform === "linux" && !loadVulkan()) {
    return {
      missing: `${vulkan}, the loader of GPU drivers, is not on this machine (libvulkan1 in Debian, vulkan-loader in Fedora)`,
    };
  }
  try {
    return { holder: tryOut(webgpu) };
  } catch (thrown) {
    return { missing: reason(thrown) };
  }
}

/**
 * The session of the trial is never freed: the device, its compiled shaders and all its buffers
 * live as long as some session does, and a buffer that outlives them ends the process.
 */
let answer: Answer | undefined;

/** What a machine lacks to run graphs through WebGPU, in one line; undefined when nothing. */
export function missingForWebgpu(): string | undefined {
  answer ??= tried();
  return "missing" in answer ? answer.missing : undefined;
}
