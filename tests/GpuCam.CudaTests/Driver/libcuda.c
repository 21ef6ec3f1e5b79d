/* A CUDA driver for tests: the functions that programs ask of libcuda.so.1, each of which calls what the tests' process has put
   into its entry. An entry that is empty answers with CUDA_ERROR_NOT_SUPPORTED. */
#include <stddef.h>

typedef void *Handle;
typedef unsigned long long Address;

#define NOT_SUPPORTED 801

#define FORWARD(name, parameters, arguments)                      \
    int (*entry_##name) parameters = NULL;                        \
    int name parameters { return entry_##name == NULL ? NOT_SUPPORTED : entry_##name arguments; }

/* The driver and its devices. */
FORWARD(cuInit, (unsigned flags), (flags))
FORWARD(cuDriverGetVersion, (int *version), (version))
FORWARD(cuGetErrorString, (int error, const char **text), (error, text))
FORWARD(cuDeviceGet, (int *device, int ordinal), (device, ordinal))
FORWARD(cuDeviceGetCount, (int *count), (count))
FORWARD(cuDeviceGetName, (char *name, int length, int device), (name, length, device))
FORWARD(cuDeviceTotalMem_v2, (size_t *bytes, int device), (bytes, device))
FORWARD(cuDeviceGetAttribute, (int *value, int attribute, int device), (value, attribute, device))

/* Contexts. */
FORWARD(cuCtxCreate_v2, (Handle *context, unsigned flags, int device), (context, flags, device))
FORWARD(cuCtxDestroy_v2, (Handle context), (context))
FORWARD(cuCtxSetCurrent, (Handle context), (context))
FORWARD(cuCtxGetCurrent, (Handle *context), (context))
FORWARD(cuCtxPushCurrent_v2, (Handle context), (context))
FORWARD(cuCtxPopCurrent_v2, (Handle *context), (context))
FORWARD(cuCtxSynchronize, (void), ())
FORWARD(cuCtxGetCacheConfig, (int *config), (config))
FORWARD(cuCtxSetCacheConfig, (int config), (config))
FORWARD(cuCtxGetSharedMemConfig, (int *config), (config))
FORWARD(cuCtxSetSharedMemConfig, (int config), (config))

/* Memory. */
FORWARD(cuMemGetInfo_v2, (size_t *free, size_t *total), (free, total))
FORWARD(cuMemAlloc_v2, (Address *address, size_t bytes), (address, bytes))
FORWARD(cuMemFree_v2, (Address address), (address))
FORWARD(cuMemcpyAsync, (Address target, Address source, size_t bytes, Handle stream), (target, source, bytes, stream))
FORWARD(cuMemsetD8Async, (Address target, unsigned char value, size_t bytes, Handle stream), (target, value, bytes, stream))
FORWARD(cuMemHostRegister_v2, (void *memory, size_t bytes, unsigned flags), (memory, bytes, flags))
FORWARD(cuMemHostUnregister, (void *memory), (memory))

/* Streams and events. */
FORWARD(cuStreamCreate, (Handle *stream, unsigned flags), (stream, flags))
FORWARD(cuStreamDestroy_v2, (Handle stream), (stream))
FORWARD(cuStreamSynchronize, (Handle stream), (stream))
FORWARD(cuEventCreate, (Handle *event, unsigned flags), (event, flags))
FORWARD(cuEventDestroy_v2, (Handle event), (event))
FORWARD(cuEventRecord, (Handle event, Handle stream), (event, stream))
FORWARD(cuEventQuery, (Handle event), (event))
FORWARD(cuEventSynchronize, (Handle event), (event))
FORWARD(cuEventElapsedTime, (float *milliseconds, Handle start, Handle end), (milliseconds, start, end))

/* Kernels. */
FORWARD(cuModuleLoadDataEx, (Handle *module, const void *image, unsigned count, int *options, void **values),
        (module, image, count, options, values))
FORWARD(cuModuleUnload, (Handle module), (module))
FORWARD(cuModuleGetFunction, (Handle *function, Handle module, const char *name), (function, module, name))
FORWARD(cuFuncSetAttribute, (Handle function, int attribute, int value), (function, attribute, value))
FORWARD(cuLaunchKernel,
        (Handle function, unsigned gridX, unsigned gridY, unsigned gridZ, unsigned blockX, unsigned blockY, unsigned blockZ,
         unsigned shared, Handle stream, void **parameters, void **extra),
        (function, gridX, gridY, gridZ, blockX, blockY, blockZ, shared, stream, parameters, extra))
