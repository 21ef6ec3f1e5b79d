using System.Runtime.InteropServices;

namespace GpuCam.Model;

/// <summary>
/// Functions of libmpi under the names that the MPI standard gives them, from the library that <see cref="MpiLibrary"/> found. Each returns
/// 0 or the number of an error.
/// </summary>
/// <remarks>
/// Handles (MPI_Comm, MPI_Datatype, MPI_Request, …) are addresses in Open MPI and integers of 32 bits in MPICH. Here both are <c>nint</c>:
/// an integer is its low half, which is where a callee looks for it, in a register, on the stack and behind an address, on every
/// little-endian machine of 64 bits. What it writes behind an address must have been 0 before.
/// </remarks>
internal static unsafe partial class LibMpi
{
    /// <summary>The name that <see cref="MpiLibrary"/> resolves.</summary>
    public const string Name = "mpi";

    [LibraryImport(Name)]
    public static partial int MPI_Init_thread(int* count, byte*** arguments, int required, int* provided);

    [LibraryImport(Name)]
    public static partial int MPI_Finalize();

    [LibraryImport(Name)]
    public static partial int MPI_Abort(nint communicator, int exitCode);

    [LibraryImport(Name)]
    public static partial int MPI_Get_library_version(byte* text, int* length);

    [LibraryImport(Name)]
    public static partial int MPI_Error_string(int error, byte* text, int* length);

    [LibraryImport(Name)]
    public static partial int MPI_Comm_rank(nint communicator, int* rank);

    [LibraryImport(Name)]
    public static partial int MPI_Comm_size(nint communicator, int* size);

    [LibraryImport(Name)]
    public static partial int MPI_Comm_dup(nint communicator, nint* copy);

    [LibraryImport(Name)]
    public static partial int MPI_Comm_split_type(nint communicator, int type, int key, nint info, nint* part);

    [LibraryImport(Name)]
    public static partial int MPI_Comm_set_errhandler(nint communicator, nint handler);

    [LibraryImport(Name)]
    public static partial int MPI_Test(nint* request, int* done, nint status);

    [LibraryImport(Name)]
    public static partial int MPI_Isend(nint data, int count, nint type, int to, int tag, nint communicator, nint* request);

    [LibraryImport(Name)]
    public static partial int MPI_Irecv(nint data, int count, nint type, int from, int tag, nint communicator, nint* request);

    [LibraryImport(Name)]
    public static partial int MPI_Ibarrier(nint communicator, nint* request);

    [LibraryImport(Name)]
    public static partial int MPI_Ibcast(nint data, int count, nint type, int root, nint communicator, nint* request);

    [LibraryImport(Name)]
    public static partial int MPI_Igatherv(
        nint sent, int count, nint sentType, nint received, int* counts, int* firsts, nint receivedType, int root,
        nint communicator, nint* request);

    [LibraryImport(Name)]
    public static partial int MPI_Iallgatherv(
        nint sent, int count, nint sentType, nint received, int* counts, int* firsts, nint receivedType, nint communicator, nint* request);

    [LibraryImport(Name)]
    public static partial int MPI_Iallreduce(
        nint sent, nint received, int count, nint type, nint operation, nint communicator, nint* request);

    [LibraryImport(Name)]
    public static partial int MPI_Ialltoallv(
        nint sent, int* sentCounts, int* sentFirsts, nint sentType,
        nint received, int* receivedCounts, int* receivedFirsts, nint receivedType, nint communicator, nint* request);
}
