// Reads a log as somebody would who has never heard of Countersign: with golang.org/x/mod's note
// and tlog packages, over HTTP, believing nothing but the log's public key. Prints one JSON line.
package main

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const tileHeight = 8

// The tiles of C2SP tlog-tiles are those of x/mod with a height of 8 that goes without saying.
type httpTiles struct{ url string }

func (r httpTiles) Height() int { return tileHeight }

func (r httpTiles) SaveTiles([]tlog.Tile, [][]byte) {}

func (r httpTiles) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	data := make([][]byte, len(tiles))
	for i, tile := range tiles {
		body, err := readTile(r.url, tile)
		if err != nil {
			return nil, err
		}
		data[i] = body
	}
	return data, nil
}

// A partial tile may have been deleted once the full one exists; it is the beginning of it.
func readTile(url string, tile tlog.Tile) ([]byte, error) {
	path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
	body, err := get(url + "/" + path)
	if err == nil {
		return body, nil
	}
	full, _, _ := strings.Cut(path, ".p/")
	if full == path {
		return nil, err
	}
	body, err = get(url + "/" + full)
	if err != nil {
		return nil, err
	}
	return body[:tile.W*tlog.HashSize], nil
}

func get(url string) ([]byte, error) {
	response, err := http.Get(url)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	if response.StatusCode != 200 {
		return nil, fmt.Errorf("%s: %s", url, response.Status)
	}
	return body, nil
}

// The tree of a checkpoint, after its signature held under the one key that is trusted.
func openCheckpoint(signed []byte, vkey string) (tlog.Tree, error) {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return tlog.Tree{}, err
	}
	opened, err := note.Open(signed, note.VerifierList(verifier))
	if err != nil {
		return tlog.Tree{}, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 4 || lines[0] != verifier.Name() {
		return tlog.Tree{}, errors.New("the checkpoint is of another log")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tlog.Tree{}, err
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		return tlog.Tree{}, errors.New("the root is malformed")
	}
	tree := tlog.Tree{N: size}
	copy(tree.Hash[:], root)
	return tree, nil
}

// One entry out of its bundle: each stands behind its length in two bytes.
func readEntry(url string, index, size int64) ([]byte, error) {
	width := size - index/256*256
	if width > 256 {
		width = 256
	}
	tile := tlog.Tile{H: tileHeight, L: 0, N: index / 256, W: int(width)}
	path := strings.Replace(tile.Path(), "tile/8/0/", "tile/entries/", 1)
	bundle, err := get(url + "/" + path)
	if err != nil {
		return nil, err
	}
	for skip := index % 256; ; skip-- {
		if len(bundle) < 2 {
			return nil, errors.New("the bundle is cut short")
		}
		length := int(binary.BigEndian.Uint16(bundle))
		if len(bundle) < 2+length {
			return nil, errors.New("the bundle is cut short")
		}
		if skip == 0 {
			return bundle[2 : 2+length], nil
		}
		bundle = bundle[2+length:]
	}
}

func checkEntry(url string, tree tlog.Tree, hashes tlog.HashReader, index int64) (string, error) {
	entry, err := readEntry(url, index, tree.N)
	if err != nil {
		return "", err
	}
	proof, err := tlog.ProveRecord(tree.N, index, hashes)
	if err != nil {
		return "", err
	}
	leaf := tlog.RecordHash(entry)
	return hex.EncodeToString(leaf[:]), tlog.CheckRecord(proof, tree.N, tree.Hash, index, leaf)
}

func checkGrowth(older, newer tlog.Tree, hashes tlog.HashReader) error {
	proof, err := tlog.ProveTree(newer.N, older.N, hashes)
	if err != nil {
		return err
	}
	return tlog.CheckTree(proof, newer.N, newer.Hash, older.N, older.Hash)
}

type report struct {
	Size   int64             `json:"size"`
	Leaves map[string]string `json:"leaves"`
}

// read-log URL VKEY OLDER-CHECKPOINT-FILE|- INDEX...
func run(args []string) (*report, error) {
	url, vkey, olderFile := args[0], args[1], args[2]
	signed, err := get(url + "/checkpoint")
	if err != nil {
		return nil, err
	}
	tree, err := openCheckpoint(signed, vkey)
	if err != nil {
		return nil, err
	}
	hashes := tlog.TileHashReader(tree, httpTiles{url})
	if olderFile != "-" {
		older, err := os.ReadFile(olderFile)
		if err != nil {
			return nil, err
		}
		olderTree, err := openCheckpoint(older, vkey)
		if err != nil {
			return nil, err
		}
		if err := checkGrowth(olderTree, tree, hashes); err != nil {
			return nil, err
		}
	}
	result := &report{Size: tree.N, Leaves: map[string]string{}}
	for _, text := range args[3:] {
		index, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, err
		}
		leaf, err := checkEntry(url, tree, hashes, index)
		if err != nil {
			return nil, fmt.Errorf("entry %d: %w", index, err)
		}
		result.Leaves[text] = leaf
	}
	return result, nil
}

func main() {
	if len(os.Args) < 4 {
		fmt.Fprintln(os.Stderr, "read-log URL VKEY OLDER-CHECKPOINT|- INDEX...")
		os.Exit(2)
	}
	result, err := run(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	json.NewEncoder(os.Stdout).Encode(result)
}
