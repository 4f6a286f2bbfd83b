import { type LibraryWheel, sharedLibraries } from "./library-wheel.js";

/**
 * ONNX Runtime for CUDA of the version in `setupVersions`, and NVIDIA's libraries within the
 * versions that its own description asks for: CUDA 13, cuRAND 10, cuDNN 9. cuFFT, which it would
 * load for Fourier transforms alone, is left out. Hashes as the Python Package Index publishes
 * them.
 */
export const cudaWheels: readonly LibraryWheel[] = [
  {
    project: "onnxruntime-gpu",
    version: "1.30.0",
    file: "onnxruntime_gpu-1.30.0-cp312-cp312-manylinux_2_28_x86_64.whl",
    sha256: "6acc0f4b3d5ac5f2984432faa59dd8fcce6775f8b43a7140afa0f322c7a703b1",
    bytes: 246_685_715,
    members: /onnxruntime\/capi\/libonnxruntime_providers_(cuda|shared)\.so$/,
    unpacked: 272_064_536,
  },
  {
    project: "nvidia-cuda-runtime",
    version: "13.5.37",
    file: "nvidia_cuda_runtime-13.5.37-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl",
    sha256: "df2b79a8852f10d1fef8c848489c49eebb5754051bf870202a862831412b179d",
    bytes: 2_504_024,
    members: sharedLibraries,
    unpacked: 806_720,
  },
  {
    project: "nvidia-cuda-nvrtc",
    version: "13.5.37",
    file: "nvidia_cuda_nvrtc-13.5.37-py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64.whl",
    sha256: "86b4d68058807988b7d9af5b44917a0601e9c337f35ccd657bfb3c759ff8d8bc",
    bytes: 58_185_930,
    members: sharedLibraries,
    unpacked: 148_431_960,
  },
  {
    project: "nvidia-cublas",
    version: "13.10.0.20",
    file: "nvidia_cublas-13.10.0.20-py3-none-manylinux1_x86_64.manylinux_2_5_x86_64.whl",
    sha256: "dcc6d63884c53d07e267ce7e6feac17b2538cebaafec5db865736c3e28e4dc84",
    bytes: 444_289_903,
    members: sharedLibraries,
    unpacked: 608_935_360,
  },
  {
    project: "nvidia-curand",
    version: "10.4.5.25",
    file: "nvidia_curand-10.4.5.25-py3-none-manylinux_2_27_x86_64.whl",
    sha256: "22bb226a857e5888fe6b54ae465fc4371296bcff13a35f79e19691bcf454f529",
    bytes: 77_113_015,
    members: sharedLibraries,
    unpacked: 104_860_296,
  },
  {
    project: "nvidia-cudnn-cu13",
    version: "9.28.1.4",
    file: "nvidia_cudnn_cu13-9.28.1.4-py3-none-manylinux_2_27_x86_64.whl",
    sha256: "a54f205b1db1f2895d99f398754db1369816f0569dd459731f925635cf7b65ec",
    bytes: 516_817_937,
    members: sharedLibraries,
    unpacked: 940_113_128,
  },
];
