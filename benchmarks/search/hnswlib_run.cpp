// hnswlib over the vectors that SearchRun exported: M 16, efConstruction 200, two threads; searched in one.
//   hnswlib_run FOLDER COUNT DIMENSION QUERIES
// A line for each recall: recall asked for, seconds to build, efSearch, recall, queries a second.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <string>
#include <thread>
#include <vector>
#include "hnswlib.h"

template <typename T>
static std::vector<T> read(const std::string& file, size_t count) {
  std::vector<T> all(count);
  std::ifstream(file, std::ios::binary).read(reinterpret_cast<char*>(all.data()), count * sizeof(T));
  return all;
}

static double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

int main(int, char** arguments) {
  const std::string folder = arguments[1];
  const size_t count = std::stoul(arguments[2]), dimension = std::stoul(arguments[3]), queries = std::stoul(arguments[4]);
  const size_t k = 10;
  auto base = read<float>(folder + "/base.f32", count * dimension);
  auto asked = read<float>(folder + "/queries.f32", queries * dimension);
  auto truth = read<int>(folder + "/truth.i32", queries * k);
  hnswlib::InnerProductSpace space(dimension);
  hnswlib::HierarchicalNSW<float> index(&space, count, 16, 200);
  double start = now();
  index.addPoint(base.data(), 0);
  std::atomic<size_t> next{1};
  std::vector<std::thread> threads;
  for (int t = 0; t < 2; t++) {
    threads.emplace_back([&] {
      for (size_t i = next++; i < count; i = next++) index.addPoint(base.data() + i * dimension, i);
    });
  }
  for (auto& thread : threads) thread.join();
  const double build = now() - start;
  auto pass = [&](size_t ef, double& recall) {
    index.setEf(ef);
    size_t found = 0;
    const double from = now();
    for (size_t q = 0; q < queries; q++) {
      auto top = index.searchKnn(asked.data() + q * dimension, k);
      for (; !top.empty(); top.pop()) {
        found += std::count(truth.begin() + q * k, truth.begin() + (q + 1) * k, (int)top.top().second);
      }
    }
    const double speed = queries / (now() - from);
    recall = (double)found / (queries * k);
    return speed;
  };
  for (double wanted : {0.95, 0.99}) {
    size_t low = 10, high = 4000;
    double recall = 0;
    while (low < high) {
      const size_t middle = (low + high) / 2;
      pass(middle, recall);
      if (recall >= wanted) high = middle; else low = middle + 1;
    }
    double best = 0;
    for (int round = 0; round < 5; round++) best = std::max(best, pass(low, recall));
    std::printf("%.2f %.1f %zu %.4f %.0f\n", wanted, build, low, recall, best);
  }
}
