using System.Runtime.InteropServices;

namespace GpuCam.Model;

/// <summary>
/// What a program written in C has from mpi.h. There are two kinds: in Open MPI's, handles are addresses of what the library exports; in
/// MPICH's (and its kin's: Intel MPI, MVAPICH, Cray MPICH), they are numbers.
/// </summary>
/// <param name="World">MPI_COMM_WORLD.</param>
/// <param name="Byte">MPI_BYTE.</param>
/// <param name="Float">MPI_FLOAT.</param>
/// <param name="Sum">MPI_SUM.</param>
/// <param name="ErrorsReturn">MPI_ERRORS_RETURN.</param>
/// <param name="NoInfo">MPI_INFO_NULL.</param>
/// <param name="InPlace">MPI_IN_PLACE.</param>
/// <param name="NoStatus">MPI_STATUS_IGNORE.</param>
/// <param name="AnySource">MPI_ANY_SOURCE.</param>
/// <param name="SharedMemory">MPI_COMM_TYPE_SHARED.</param>
/// <param name="QueryCuda">Address of MPIX_Query_cuda_support, which is not of the standard: 1 if the library takes addresses in the memory
/// of CUDA devices. 0 if it has no such function, and with Open MPI, whose sums that do not block add up on the host.</param>
internal sealed record MpiAbi(
    nint World, nint Byte, nint Float, nint Sum, nint ErrorsReturn, nint NoInfo,
    nint InPlace, nint NoStatus, int AnySource, int SharedMemory, nint QueryCuda)
{
    private static readonly MpiAbi s_mpich = new(
        World: 0x44000000, Byte: 0x4c00010d, Float: 0x4c00040a, Sum: 0x58000003, ErrorsReturn: 0x54000001, NoInfo: 0x1c000000,
        InPlace: -1, NoStatus: 1, AnySource: -2, SharedMemory: 1, QueryCuda: 0);

    /// <summary>The ABI of a loaded library, told by what it exports; null if it is neither.</summary>
    public static MpiAbi? Of(nint library)
    {
        nint Exported(string name) => NativeLibrary.TryGetExport(library, name, out nint address) ? address : 0;
        if (Exported("MPI_Iallreduce") == 0)
        {
            return null;
        }

        nint world = Exported("ompi_mpi_comm_world");
        if (world == 0)
        {
            // MPI_DUP_FN, by which programs made for MPICH's ABI find the function of that name.
            return Exported("MPIR_Dup_fn") == 0 ? null : s_mpich with { QueryCuda = Exported("MPIX_Query_cuda_support") };
        }

        return new MpiAbi(
            world, Exported("ompi_mpi_byte"), Exported("ompi_mpi_float"), Exported("ompi_mpi_op_sum"), Exported("ompi_mpi_errors_return"),
            Exported("ompi_mpi_info_null"), InPlace: 1, NoStatus: 0, AnySource: -1, SharedMemory: 0, QueryCuda: 0);
    }
}
