using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace GpuCam.Kernels;

/// <summary>What ILGPU knows of a device, for <see cref="DeviceInfo.Facts"/>.</summary>
internal static class IlgpuFacts
{
    /// <summary>Limits that launches depend on, and what identifies device and driver.</summary>
    public static Dictionary<string, object> Of(Device device)
    {
        var facts = new Dictionary<string, object> { ["name"] = device.Name.Trim() };
        if (device is CudaDevice cuda)
        {
            Add(facts, cuda);
        }

        if (device is CLDevice openCl)
        {
            Add(facts, openCl);
        }

        facts["multiprocessors"] = device.NumMultiprocessors;
        facts["max_threads_per_group"] = device.MaxNumThreadsPerGroup;
        facts["max_threads_per_multiprocessor"] = device.MaxNumThreadsPerMultiprocessor;
        if (device.WarpSize > 0)
        {
            facts["warp_size"] = device.WarpSize;
        }

        if (device.MaxSharedMemoryPerGroup is > 0 and < int.MaxValue)
        {
            facts["shared_memory_per_group_bytes"] = device.MaxSharedMemoryPerGroup;
        }

        if (device.MemorySize is > 0 and < long.MaxValue)
        {
            facts["memory_mib"] = device.MemorySize >> 20;
        }

        return facts;
    }

    private static void Add(Dictionary<string, object> facts, CudaDevice device)
    {
        facts["driver_supports_cuda"] = $"{device.DriverVersion}";
        facts["architecture"] = $"{device.Architecture}";
        facts["instruction_set"] = $"{device.InstructionSet}";
        facts["registers_per_multiprocessor"] = device.TotalNumRegistersPerMultiprocessor;
        facts["shared_memory_per_multiprocessor_bytes"] = device.MaxSharedMemoryPerMultiprocessor;
        facts["l2_cache_bytes"] = device.L2CacheSize;
        facts["clock_mhz"] = device.ClockRate;
    }

    private static void Add(Dictionary<string, object> facts, CLDevice device)
    {
        facts["platform"] = $"{device.PlatformName}, {device.PlatformVersion}";
        facts["type"] = $"{device.DeviceType}".Replace("CL_DEVICE_TYPE_", "", StringComparison.Ordinal).ToLowerInvariant();
        facts["driver"] = CLAPI.CurrentAPI.GetDeviceInfo(device.DeviceId, CLDeviceInfoType.CL_DRIVER_VERSION);
        facts["device_version"] = $"{device.DeviceVersion}";
        facts["opencl_c"] = $"{device.CVersion}";
        facts["generic_address_space"] = device.Capabilities.GenericAddressSpace ? "yes" : "no";
        facts["clock_mhz"] = device.ClockRate;
    }
}
