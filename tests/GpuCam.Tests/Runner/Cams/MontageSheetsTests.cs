using GpuCam.Model;
using GpuCam.Runner.Cams;
using GpuCam.Runner.Images;

namespace GpuCam.Tests.Runner.Cams;

public sealed class MontageSheetsTests
{
    private readonly List<string> _names = [];
    private readonly List<Image8> _sheets = [];

    [Fact]
    public void What_fits_is_one_sheet_as_if_it_were_composed_at_once()
    {
        MontageTile[] tiles = [.. Enumerable.Range(0, 5).Select(i => Tile((byte)i))];
        MontageSheets sheets = Sheets(0, long.MaxValue);
        foreach (MontageTile tile in tiles)
        {
            sheets.Add([tile]);
        }

        sheets.Flush();
        sheets.Flush();
        Assert.Equal(["montage.png"], _names);
        Assert.Equal(Montage.Compose(tiles).Pixels, _sheets[0].Pixels);
    }

    [Fact]
    public void Rows_that_do_not_fit_any_more_begin_another_sheet()
    {
        // Two rows of three tiles of 10 x 6 pixels, with 12 around each.
        MontageSheets sheets = Sheets(3, 78 * 48);
        for (int row = 0; row < 5; row++)
        {
            sheets.Add([.. Enumerable.Range(0, 3).Select(i => Tile((byte)((3 * row) + i)))]);
        }

        sheets.Flush();
        Assert.Equal(["montage.png", "montage_2.png", "montage_3.png"], _names);
        Assert.Equal([(78, 48), (78, 48), (78, 30)], _sheets.Select(sheet => (sheet.Width, sheet.Height)));
        Assert.Equal(Montage.Compose([.. Enumerable.Range(6, 6).Select(i => Tile((byte)i))], 3).Pixels, _sheets[1].Pixels);
    }

    [Fact]
    public void A_row_that_fits_on_no_sheet_is_halved_until_its_parts_do()
    {
        MontageSheets sheets = Sheets(5, 56 * 30);
        sheets.Add([.. Enumerable.Range(0, 5).Select(i => Tile((byte)i))]);
        sheets.Flush();
        Assert.Equal([(56, 30), (34, 30), (56, 30)], _sheets.Select(sheet => (sheet.Width, sheet.Height)));
        Assert.Equal([0, 1, 2, 3, 4], _sheets.SelectMany(
            sheet => Enumerable.Range(0, sheet.Width / 22).Select(i => (int)sheet[12 + (22 * i), 12].R)));
    }

    private static MontageTile Tile(byte value)
    {
        var picture = new Image8(10, 6);
        picture.Fill(new Rgb(value, 0, 200));
        return new MontageTile(picture);
    }

    private MontageSheets Sheets(int columns, long most) => new(columns, Keep, most);

    private void Keep(string name, Image8 sheet)
    {
        _names.Add(name);
        _sheets.Add(sheet);
    }
}
