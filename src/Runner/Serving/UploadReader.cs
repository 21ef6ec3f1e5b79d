using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace GpuCam.Runner.Serving;

/// <summary>What a client sent: a picture's file, what it is called, and text fields.</summary>
internal sealed record Upload(byte[] File, string Name, IReadOnlyDictionary<string, string> Fields);

/// <summary>
/// Reads a form into memory, and never onto a disk: the framework's own reader of forms puts what is large into temporary files.
/// </summary>
internal static class UploadReader
{
    private const string Picture = "picture";
    private const int MostParts = 16;
    private const int MostText = 1024;
    private const int LongestBoundary = 100;

    /// <summary>Bytes of a body beside its picture: fields, their headers and boundaries.</summary>
    public const int Around = MostParts * (MostText + 1024);

    /// <summary>Reads the form.</summary>
    /// <param name="request">Its body is read to the end.</param>
    /// <param name="fields">The fields that there may be.</param>
    /// <param name="mostBytes">Longest picture.</param>
    /// <param name="token">Ends it.</param>
    /// <exception cref="ServeException">It is none, or one that cannot be taken.</exception>
    public static async Task<Upload> ReadAsync(
        HttpRequest request, IReadOnlyList<string> fields, int mostBytes, CancellationToken token)
    {
        var reader = new MultipartReader(Boundary(request), request.Body) { HeadersCountLimit = 8, HeadersLengthLimit = 4096 };
        (byte[] File, string Name)? picture = null;
        var texts = new Dictionary<string, string>();
        int parts = 0;
        try
        {
            while (await reader.ReadNextSectionAsync(token).ConfigureAwait(false) is { } section)
            {
                if (++parts > MostParts)
                {
                    throw new ServeException(400, $"the form has more than {MostParts} parts; send a picture and the fields that you need");
                }

                (string name, string? fileName) = NameOf(section);
                if (name == Picture)
                {
                    byte[] file = await ReadAsync(section, mostBytes, token).ConfigureAwait(false) ?? throw TooLong(mostBytes);
                    picture = picture is null ? (file, ClientText.FileName(fileName))
                        : throw new ServeException(400, "the form has two pictures; send one at a time");
                    continue;
                }

                if (!fields.Contains(name))
                {
                    throw new ServeException(400, $"there is no field '{ClientText.Shown(name)}'; send {Picture}"
                        + (fields.Count > 0 ? $", and of {string.Join(", ", fields)} what you need" : ""));
                }

                byte[] text = await ReadAsync(section, MostText, token).ConfigureAwait(false)
                    ?? throw new ServeException(400, $"the field {name} is longer than {MostText} bytes; shorten it");
                if (!texts.TryAdd(name, Encoding.UTF8.GetString(text)))
                {
                    throw new ServeException(400, $"the form has the field {name} twice; send it once");
                }
            }
        }
        catch (Exception e) when (e is InvalidDataException || (e is IOException && e is not BadHttpRequestException))
        {
            throw new ServeException(400, "the form is broken or ends too early; send multipart/form-data as browsers and curl -F do");
        }

        return picture is { } found
            ? new Upload(found.File, found.Name, texts)
            : throw new ServeException(400, $"there is no picture in the form; send one as the file field '{Picture}'");
    }

    /// <summary>What is said of a body that is too long.</summary>
    public static ServeException TooLong(int mostBytes) => new(413, string.Create(CultureInfo.InvariantCulture,
        $"the picture's file is longer than the {mostBytes / 1024 / 1024.0:0.#} MiB that are taken; scale it down or save it as JPEG"));

    private static string Boundary(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out MediaTypeHeaderValue? type)
            || !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase))
        {
            throw new ServeException(415, $"this is no form; send multipart/form-data with the picture as the file field '{Picture}'");
        }

        string boundary = HeaderUtilities.RemoveQuotes(type.Boundary).ToString();
        return boundary.Length is > 0 and <= LongestBoundary
            ? boundary
            : throw new ServeException(400, "the form names no boundary, or too long a one; send multipart/form-data as browsers do");
    }

    private static (string Name, string? FileName) NameOf(MultipartSection section)
    {
        if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out ContentDispositionHeaderValue? disposition)
            || !disposition.DispositionType.Equals("form-data", StringComparison.OrdinalIgnoreCase)
            || StringSegment.IsNullOrEmpty(disposition.Name))
        {
            throw new ServeException(400, "a part of the form has no name; send multipart/form-data as browsers and curl -F do");
        }

        string? file = (disposition.FileNameStar.HasValue ? disposition.FileNameStar : disposition.FileName).Value;
        return (HeaderUtilities.RemoveQuotes(disposition.Name).ToString(), file?.Trim('"'));
    }

    /// <summary>A part as a whole; null where it is longer.</summary>
    private static async Task<byte[]?> ReadAsync(MultipartSection section, int most, CancellationToken token)
    {
        using var bytes = new MemoryStream();
        byte[] buffer = new byte[16 * 1024];
        int read;
        while ((read = await section.Body.ReadAsync(buffer, token).ConfigureAwait(false)) > 0)
        {
            if (bytes.Length + read > most)
            {
                return null;
            }

            bytes.Write(buffer, 0, read);
        }

        return bytes.ToArray();
    }
}
