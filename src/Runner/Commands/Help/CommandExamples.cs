namespace GpuCam.Runner.Commands.Help;

/// <summary>The examples at the end of every command's help; a test parses each of them.</summary>
internal static class CommandExamples
{
    /// <summary>
    /// Lines to type, and what each is for, of the command with that path: "" for the root, "data make" for one below another.
    /// </summary>
    public static IReadOnlyList<(string Line, string Purpose)> Of(string path) => path switch
    {
        "" =>
        [
            ("gpucam train", "train for a minute or two on digits that are fetched (or drawn); leaves a folder in runs/"),
            ("gpucam eval --model runs/2026-01-31-120000", "test the best model of that run"),
            ("gpucam data make --out samples --count 20", "write 20 images to try it on"),
            ("gpucam cam --model runs/2026-01-31-120000 samples/img_1.png", "draw where the model looks in one of them"),
            ("gpucam train --help", "options, presets and examples of one command"),
            ("mpirun -n 4 gpucam train", "on four ranks: GPUs or shares of the cores, of this machine or of several (docs/cluster.md)"),
        ],
        "devices" =>
        [
            ("gpucam devices", "what --backend and --device can name on this machine"),
            ("gpucam devices --verbose", "limits and drivers too, and what is missing where there is no device"),
            ("gpucam devices --json", "the same for a script"),
            ("mpirun -n 4 gpucam devices", "which machine, threads and GPU each of four ranks has"),
        ],
        "data get" =>
        [
            ("gpucam data get mnist", "fetch MNIST once; every later run finds it"),
            ("gpucam data get mnist --from downloads/mnist", "no network: take the four IDX files (.gz or not) from a folder"),
            ("gpucam data get fashion-mnist", "pictures of clothes; train on them with --digits fashion-mnist"),
        ],
        "data make" =>
        [
            ("gpucam data make --out samples --count 20", "20 images of 100x100 with labels.txt and boxes.csv"),
            ("gpucam data make --out small --count 1000 --size 60 --distractors 3", "easier: a smaller canvas, fewer fragments"),
            ("gpucam data make --out drawn --count 100 --digits synthetic --seed 7", "digits drawn by gpucam itself; other images"),
        ],
        "data show" =>
        [
            ("gpucam data show photos", "layout, classes, splits, sizes, boxes, duplicates and broken files of a folder of pictures"),
            ("gpucam data show photos --sheet sheet.png", "and a picture of them: a row for each class, boxes drawn"),
            ("gpucam data show photos --train-per-class 30 --test-per-class 50 --skip-class BACKGROUND_Google",
                "split as Caltech-101 is, without one class"),
            ("gpucam data show photos --labels labels.csv --json", "labelled by a table; one JSON object"),
        ],
        "train" =>
        [
            ("gpucam train", "the quick preset into a new folder in runs/"),
            ("gpucam train --preset reference --out runs/reference", "the full recipe, with 50 heat maps at every evaluation"),
            ("gpucam train --time 5m --backend simd", "train for five minutes on the processor"),
            ("gpucam train --data samples --out runs/own",
                "on images of your own: img_1.png …, labels.txt, and boxes.csv if you have boxes"),
            ("gpucam train --data photos --init resnet18 --freeze features --out runs/head",
                "a new last layer on ResNet-18's features, for your own classes, in minutes"),
            ("gpucam train --resume --out runs/reference", "go on after Ctrl-C or a crash, to the same bits"),
        ],
        "eval" =>
        [
            ("gpucam eval --model runs/reference --count 1000 --json", "the best model of a run: every figure in one JSON object"),
            ("gpucam eval --model runs/reference --data samples", "on the test images of a folder"),
            ("gpucam eval --model runs/reference --method gradcam,layercam --layer conv2,conv2+pool2",
                "two methods, each at conv2 and at two layers fused"),
            ("gpucam eval --model resnet50.onnx --preprocess imagenet --classes names.txt --data photos",
                "a network of your own, on a folder of pictures per class"),
            ("gpucam eval --model runs/reference --data samples --write-score-maps maps --csv found.csv",
                "what was found in every picture, and its maps for other programs"),
            ("gpucam eval --score-maps maps --data samples --rules wsolevaluation", "maps of any program, by the public code's rules"),
        ],
        "cam" =>
        [
            ("gpucam cam --model runs/reference samples/img_1.png", "maps of the five likeliest classes, into cams/"),
            ("gpucam cam --model resnet18 photo.jpg", "101 kinds of things, by the last layer that is built in"),
            ("gpucam cam --model runs/reference samples/img_1.png --class 3 --class 8", "what speaks for a 3, and what for an 8"),
            ("gpucam cam --model runs/reference samples/img_1.png --method gradcam++,layercam --layer conv2,pool2",
                "two methods at two layers, side by side"),
            ("gpucam cam --model resnet50.onnx --preprocess imagenet photos --method gradcam --target margin --draw-from 0.4",
                "a folder of photographs; what tells the class from the next, and only where it is strong"),
            ("gpucam cam --model resnet50.onnx --preprocess imagenet --list -", "pictures that another program names, a path a line"),
        ],
        "serve" =>
        [
            ("gpucam serve", "a page for photographs, with resnet18 once 'gpucam model get resnet18' has fetched it"),
            ("gpucam serve --model runs/reference --port 8123", "for a network of yours, elsewhere"),
            ("gpucam serve --model resnet50.onnx --preprocess imagenet --classes names.txt", "one of another program"),
            ("gpucam serve --bind 0.0.0.0", "for other machines too: the address that is printed has a token in it"),
            ("gpucam serve --port 0 --json", "for a script, which reads the address and ends it"),
        ],
        "compare" =>
        [
            ("gpucam compare runs/first runs/second", "a table here, and curves in compare.html"),
            ("gpucam compare runs/first runs/second --out both.html", "another name for the page"),
            ("gpucam compare runs/first runs/second --json", "figures and differing settings in one JSON object"),
        ],
        "export" =>
        [
            ("gpucam export --model runs/reference --onnx digits.onnx --with-cam",
                "the best model of a run as ONNX, with the maps of all classes as a second output"),
            ("gpucam export --model resnet18 --onnx resnet18.onnx --with-cam --top 3 --resize-maps",
                "maps of the three best classes, enlarged to the picture: ready to be drawn"),
            ("gpucam export --model resnet18 --onnx resnet18.onnx --with-cam --class-input",
                "maps of classes that whoever runs the file asks for"),
            ("gpucam export --model runs/reference --onnx digits.onnx --with-gradcam relu2 --method layercam",
                "a map by gradients of an earlier layer: the backward pass is in the file"),
            ("gpucam export --model resnet50.onnx --onnx newer.onnx --opset 17 --json",
                "a network of your own in newer operators; one JSON object that says what is in it"),
        ],
        "model show" =>
        [
            ("gpucam model show --model network.onnx", "what it takes and gives, and what can be mapped in it"),
            ("gpucam model show --model runs/reference --json", "the same of a run's best model, for a script"),
        ],
        "model list" =>
        [
            ("gpucam model list", "what there is, how large it is, and the smallest images that it takes"),
            ("gpucam model list --json", "the same for a script"),
        ],
        "model get" =>
        [
            ("gpucam model get resnet18", "fetch ResNet-18 once, and print where it lies"),
            ("gpucam model get resnet18 --from downloads", "no network: take its two files from a folder"),
        ],
        "experiment look-twice" =>
        [
            ("gpucam experiment look-twice --model runs/reference",
                "classify 10,000 images whole, then what their maps frame, then what the true boxes frame"),
            ("gpucam experiment look-twice --model runs/reference --second runs/small --margin 4",
                "the crops by a network that was trained on small canvases"),
            ("gpucam experiment look-twice --model runs/reference --box-threshold 0.4 --json", "tighter boxes; one JSON object"),
            ("gpucam experiment look-twice --model runs/birds --data birds --margin 20",
                "photographs: the crops are cut from the pictures and scaled"),
        ],
        "experiment units" =>
        [
            ("gpucam experiment units --model runs/reference --class 4",
                "a picture of what the five units see that speak most for a 4, in units/"),
            ("gpucam experiment units --model runs/reference --class 8 --units 10 --top 12 --count 10000",
                "more units, more images, of all test images"),
            ("gpucam experiment units --model runs/birds --data birds --class heron", "what in your pictures excites them"),
        ],
        "experiment transfer" =>
        [
            ("gpucam experiment transfer --model runs/reference --digits fashion-mnist --out fashion.safetensors",
                "clothes, by what was learned from digits"),
            ("gpucam experiment transfer --model runs/reference --digits mnist --clutter fashion-mnist",
                "digits again, but among fragments of clothes"),
            ("gpucam experiment transfer --model runs/reference --data samples --epochs 100", "images of a folder"),
            ("gpucam experiment transfer --model resnet18 --data photos --also flowers --train-per-class 30",
                "photographs: a table of two folders, beside the network with random weights"),
        ],
        "experiment pooling" =>
        [
            ("gpucam experiment pooling --model resnet18 --data photos", "two heads on your photographs, one for each pooling"),
            ("gpucam experiment pooling --model runs/reference --train-images 5000", "the same on generated digits"),
        ],
        "experiment concepts" =>
        [
            ("gpucam experiment concepts --model resnet18 --table words.tsv", "a picture for each word, in concepts/"),
            ("gpucam experiment concepts --model resnet18 --table words.tsv --data photos --least 20 --top 12",
                "paths below photos; only words that many pictures have"),
        ],
        "report" =>
        [
            ("gpucam report runs/reference", "write report.html anew (training ends with one)"),
            ("gpucam report runs/reference --cams maps --out page.html", "with the maps of a gpucam cam beside each other"),
            ("gpucam report maps", "the page of a folder of maps: cam.html"),
        ],
        "bench" =>
        [
            ("gpucam bench", "each op, then training and inference of the reference network"),
            ("gpucam bench --network-only --seconds 5 --threads 1", "only the network, on one core, timed longer"),
            ("gpucam bench --network-only --maps", "and what each method's maps cost"),
            ("gpucam bench --model resnet50.onnx", "a network of yours: its passes and maps, and each step beside what the processor has"),
            ("gpucam bench --model resnet18 --cases forward,gradcam --batch 16", "only these, 16 images at a time"),
            ("gpucam bench --ranks --json", "behind mpirun -n 2: sums between ranks, and what training on many of them would take"),
        ],
        "selftest" =>
        [
            ("gpucam selftest", "check the device that --backend auto chooses"),
            ("gpucam selftest --backend opencl --device 1", "check another"),
            ("gpucam selftest --backend cuda --json", "the same for a script, or to send to us"),
        ],
        "completion" =>
        [
            ("gpucam completion bash", "print the script; for this shell only: source <(gpucam completion bash)"),
            ("gpucam completion zsh", "for good: gpucam completion zsh > ~/.zfunc/_gpucam, with ~/.zfunc in fpath before compinit"),
            ("gpucam completion fish", "for good: gpucam completion fish > ~/.config/fish/completions/gpucam.fish"),
            ("gpucam completion pwsh", "for good, in $PROFILE: gpucam completion pwsh | Out-String | Invoke-Expression"),
        ],
        _ => [],
    };
}
