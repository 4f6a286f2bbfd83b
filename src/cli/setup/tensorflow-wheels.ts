import { type LibraryWheel, sharedLibraries } from "./library-wheel.js";

/** The libraries of TensorFlow, and the headers that the binding includes. */
const members =
  /tensorflow\/(libtensorflow_(cc|framework)\.so\.2$|include\/(tensorflow\/c|tensorflow\/core\/platform|xla|tsl|absl)\/)/;

/**
 * TensorFlow for CPUs, of the version in `setupVersions`. Any Python's wheel holds the same
 * libraries; these are Python 3.12's. Hashes as the Python Package Index publishes them.
 */
export const tensorflowForProcessors: LibraryWheel = {
  project: "tensorflow-cpu",
  version: "2.21.0",
  file: "tensorflow_cpu-2.21.0-cp312-cp312-manylinux_2_27_x86_64.whl",
  sha256: "dcc8afd32930e42d5296b6ee19078b773706830af4ea97fbe503b9f5e0f820cb",
  bytes: 274_000_871,
  members,
  unpacked: 900_000_000,
};

/** TensorFlow with kernels for NVIDIA's GPUs. */
export const tensorflowForGpus: LibraryWheel = {
  project: "tensorflow",
  version: "2.21.0",
  file: "tensorflow-2.21.0-cp312-cp312-manylinux_2_27_x86_64.whl",
  sha256: "b3b95643c4e70eb925839938fb35cbe142f317ec84af6844ee61513713bb13c0",
  bytes: 572_611_111,
  members,
  unpacked: 1_300_000_000,
};

/**
 * What that build loads when there is a GPU, within the versions that its own description asks for
 * under `and-cuda`, and what these need.
 */
export const librariesForGpus: readonly LibraryWheel[] = [
  {
    project: "nvidia-cuda-runtime-cu12",
    version: "12.9.79",
    file: "nvidia_cuda_runtime_cu12-12.9.79-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl",
    sha256: "25bba2dfb01d48a9b59ca474a1ac43c6ebf7011f1b0b8cc44f54eb6ac48a96c3",
    bytes: 3_493_179,
    members: sharedLibraries,
    unpacked: 741_088,
  },
  {
    project: "nvidia-cublas-cu12",
    version: "12.9.3.13",
    file: "nvidia_cublas_cu12-12.9.3.13-py3-none-manylinux_2_27_x86_64.whl",
    sha256: "d7d51055f161b317c7105ddaae90e71eda059026074ffef93cf7cde2886bfe72",
    bytes: 581_217_458,
    members: sharedLibraries,
    unpacked: 854_310_592,
  },
  {
    project: "nvidia-cuda-nvrtc-cu12",
    version: "12.9.86",
    file: "nvidia_cuda_nvrtc_cu12-12.9.86-py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64.whl",
    sha256: "210cf05005a447e29214e9ce50851e83fc5f4358df8b453155d5e1918094dcb4",
    bytes: 89_568_129,
    members: sharedLibraries,
    unpacked: 113_447_240,
  },
  {
    project: "nvidia-nvjitlink-cu12",
    version: "12.9.86",
    file: "nvidia_nvjitlink_cu12-12.9.86-py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64.whl",
    sha256: "e3f1171dbdc83c5932a45f0f4c99180a70de9bd2718c1ab77d14104f6d7147f9",
    bytes: 39_748_338,
    members: sharedLibraries,
    unpacked: 95_935_344,
  },
  {
    project: "nvidia-cusparse-cu12",
    version: "12.5.10.65",
    file: "nvidia_cusparse_cu12-12.5.10.65-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl",
    sha256: "73060ce019ac064a057267c585bf1fd5a353734151f87472ff02b2c5c9984e78",
    bytes: 366_465_088,
    members: sharedLibraries,
    unpacked: 486_556_368,
  },
  {
    project: "nvidia-cusolver-cu12",
    version: "11.7.5.82",
    file: "nvidia_cusolver_cu12-11.7.5.82-py3-none-manylinux_2_27_x86_64.whl",
    sha256: "15da72d1340d29b5b3cf3fd100e3cd53421dde36002eda6ed93811af63c40d88",
    bytes: 338_117_415,
    members: sharedLibraries,
    unpacked: 494_975_064,
  },
  {
    project: "nvidia-cufft-cu12",
    version: "11.4.1.4",
    file: "nvidia_cufft_cu12-11.4.1.4-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl",
    sha256: "c67884f2a7d276b4b80eb56a79322a95df592ae5e765cf1243693365ccab4e28",
    bytes: 200_877_592,
    members: sharedLibraries,
    unpacked: 291_507_928,
  },
  {
    project: "nvidia-nccl-cu12",
    version: "2.32.3",
    file: "nvidia_nccl_cu12-2.32.3-py3-none-manylinux_2_27_x86_64.whl",
    sha256: "bb94b2348e4861d5e8aa00b36c3d12d9bdf9c6369b82cbb723de0b582280a21c",
    bytes: 351_526_311,
    members: sharedLibraries,
    unpacked: 473_614_536,
  },
  {
    project: "nvidia-cudnn-cu12",
    version: "9.28.0.42",
    file: "nvidia_cudnn_cu12-9.28.0.42-py3-none-manylinux_2_27_x86_64.whl",
    sha256: "9ff58b7f36dacd0a93e89f8f2957b52466889217963701daa15e577317cfa375",
    bytes: 716_538_495,
    members: sharedLibraries,
    unpacked: 1_162_393_472,
  },
];

/** The package that binds libtensorflow to Node, and its hash in the npm registry. */
export const bindingPackage = {
  name: "@tensorflow/tfjs-node",
  version: "4.22.0",
  file: "tensorflow-tfjs-node-4.22.0.tgz",
  sha512:
    "b87ad779495f8243314d9a8790449257bcd274a755d0b96c05e6e5aa4b8a53d9e77f1075a42e83b68c9855a2f1ce7cd9cbb59049e823728871c428c07fa0dcef",
};
