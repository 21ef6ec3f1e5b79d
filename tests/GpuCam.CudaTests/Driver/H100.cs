namespace GpuCam.CudaTests.Driver;

/// <summary>What the device says of itself: the limits of an H100 (SXM), under a name that is none.</summary>
internal static class H100
{
    public const string Name = "PTX machine";
    public const int CudaVersion = 13000;
    public const long Memory = 80L << 30;
    public const int MaxThreads = 1024;

    /// <summary>Shared memory of a group, without being asked for more.</summary>
    public const int SharedMemory = 48 << 10;

    /// <summary>And with (CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN).</summary>
    public const int MaxSharedMemory = 227 << 10;

    /// <summary>By the numbers of CUdevice_attribute; null for what nobody asks.</summary>
    public static int? Attribute(int number) => number switch
    {
        1 or 2 or 3 => MaxThreads,                  // threads of a group: all, x, y
        4 => 64,                                    // z
        5 => int.MaxValue,                          // groups: x
        6 or 7 => 65535,                            // y, z
        8 => SharedMemory,
        9 => 65536,                                 // constant memory
        10 => 32,                                   // threads of a warp
        11 => int.MaxValue,                         // pitch
        12 or 82 => 65536,                          // registers of a group, of a multiprocessor
        13 => 1_980_000,                            // kHz
        16 => 132,                                  // multiprocessors
        19 => 1,                                    // can map host memory
        32 => 1,                                    // corrects errors of memory
        33 => 0x17,                                 // PCI bus
        34 or 35 or 50 => 0,                        // PCI device, not a driver of Windows, PCI domain
        36 => 2_619_000,                            // kHz of memory
        37 => 5120,                                 // bits of its bus
        38 => 50 << 20,                             // L2 cache
        39 => 2048,                                 // threads of a multiprocessor
        40 => 3,                                    // copies beside kernels
        75 => 9,                                    // compute capability
        76 => 0,
        81 => 228 << 10,                            // shared memory of a multiprocessor
        83 or 90 or 91 => 1,                        // managed memory, pre-emption, host addresses for locked memory
        97 => MaxSharedMemory,
        _ => null,
    };
}
